/** The order of rows, and the changes between two lists of rows, in the shape of database changes. */

interface Identified {
  id: string;
}

/** One change of a row, in the shape of a database change. */
export interface RowChange<T extends object = object> {
  eventType: 'INSERT' | 'UPDATE' | 'DELETE';
  new: T | Record<string, never>;
  old: T | Record<string, never>;
}

/** Returns the changes that turn one list into the other; rows are the same objects unless they have changed. */
export function changesBetween<T extends Identified>(
  before: readonly T[],
  after: readonly T[],
): RowChange<T>[] {
  const former = new Map(before.map((row) => [row.id, row]));
  const remaining = new Set(after.map(({ id }) => id));
  return [
    ...after.flatMap((row): RowChange<T>[] => {
      const old = former.get(row.id);
      if (old === row) return [];
      return [{ eventType: old ? 'UPDATE' : 'INSERT', new: row, old: old ?? {} }];
    }),
    ...before
      .filter(({ id }) => !remaining.has(id))
      .map((row): RowChange<T> => ({ eventType: 'DELETE', new: {}, old: row })),
  ];
}

/** Compares rows by creation time, newest first. Rows without one are the newest. */
export function newestFirst(a: { created_at?: string }, b: { created_at?: string }): number {
  const [at, other] = [a.created_at ?? '\uffff', b.created_at ?? '\uffff'];
  return at === other ? 0 : at < other ? 1 : -1;
}
