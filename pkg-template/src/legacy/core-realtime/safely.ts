/** Runs a component's action; an error is logged and not thrown. */
export function safely<R>(what: string, work: () => R): R | undefined {
  try {
    return work();
  } catch (error) {
    console.error(`${what} failed:`, error);
    return undefined;
  }
}
