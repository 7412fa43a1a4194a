/** What has no time yet is the newest. */
export function newestFirst(a: { created_at?: string }, b: { created_at?: string }): number {
  const [at, other] = [a.created_at ?? '\uffff', b.created_at ?? '\uffff'];
  return at === other ? 0 : at < other ? 1 : -1;
}
