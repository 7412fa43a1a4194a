/** Functions for lists of rows with an id or a temporary id. They return new lists and do not change their arguments. */

export interface Key {
  id?: string | undefined;
  tempId?: string | undefined;
}

/** Returns the ids of a row: its id and its temporary id. */
export const idsOf = ({ id, tempId }: Key): string[] =>
  [id, tempId].filter((each) => each !== undefined);

const isSame = (row: Key, key: Key): boolean => idsOf(row).some((id) => idsOf(key).includes(id));

export const find = <T extends Key>(rows: readonly T[], key: Key): T | undefined =>
  rows.find((row) => isSame(row, key));

/**
 * Returns the list with the row of this key changed; the same list if there is no such row. If one entry has the row's
 * id and another its temporary id, they are merged into one.
 */
export function merge<T extends Key>(rows: readonly T[], key: Key, members: Partial<T>): T[] {
  const first = find(rows, key);
  return rows
    .filter((row) => row === first || !isSame(row, key))
    .map((row) => (row === first ? { ...row, ...members } : row));
}

export const removeByKey = <T extends Key>(rows: readonly T[], key: Key): T[] =>
  rows.filter((row) => !isSame(row, key));

/** Returns the list with the row inserted by its time, newest first. */
export function restore<T extends Key & { created_at?: string }>(rows: readonly T[], row: T): T[] {
  if (find(rows, row)) return [...rows];
  const at = rows.findIndex(({ created_at = '\uffff' }) => created_at < (row.created_at ?? ''));
  return at < 0 ? [...rows, row] : [...rows.slice(0, at), row, ...rows.slice(at)];
}
