/** Lists of what has an id, or a temporary one. None of these changes the list it is given. */

export interface Key {
  id?: string | undefined;
  tempId?: string | undefined;
}

/** The ids by which a row is known. */
export const idsOf = ({ id, tempId }: Key): string[] =>
  [id, tempId].filter((each) => each !== undefined);

const isSame = (row: Key, key: Key): boolean => idsOf(row).some((id) => idsOf(key).includes(id));

export const find = <T extends Key>(rows: readonly T[], key: Key): T | undefined =>
  rows.find((row) => isSame(row, key));

/**
 * With these members on it; as it was if there is none such. Two that turn out to be one, known by its id and by
 * its temporary one, are one from then on.
 */
export function merge<T extends Key>(rows: readonly T[], key: Key, members: Partial<T>): T[] {
  const first = find(rows, key);
  return rows
    .filter((row) => row === first || !isSame(row, key))
    .map((row) => (row === first ? { ...row, ...members } : row));
}

export const removeByKey = <T extends Key>(rows: readonly T[], key: Key): T[] =>
  rows.filter((row) => !isSame(row, key));

/** With the row where its time puts it: the newest first. */
export function restore<T extends Key & { created_at?: string }>(rows: readonly T[], row: T): T[] {
  if (find(rows, row)) return [...rows];
  const at = rows.findIndex(({ created_at = '\uffff' }) => created_at < (row.created_at ?? ''));
  return at < 0 ? [...rows, row] : [...rows.slice(0, at), row, ...rows.slice(at)];
}
