/** Does what a component asked for; a failure is logged and harms nobody. */
export function safely<R>(what: string, work: () => R): R | undefined {
  try {
    return work();
  } catch (error) {
    console.error(`${what} failed:`, error);
    return undefined;
  }
}
