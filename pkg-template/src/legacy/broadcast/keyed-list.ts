/** Lists of what has an id, or a temporary one. None of these changes the list it is given. */
import { newestFirst } from '../newest-first.js';

export interface Key {
  id?: string | undefined;
  tempId?: string | undefined;
}

const isSame = (row: Key, { id, tempId }: Key): boolean =>
  (id !== undefined && (row.id === id || row.tempId === id)) ||
  (tempId !== undefined && (row.tempId === tempId || row.id === tempId));

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
export const restore = <T extends Key & { created_at?: string }>(
  rows: readonly T[],
  row: T,
): T[] => (find(rows, row) ? [...rows] : [...rows, row].sort(newestFirst));
