/** The common fields, order and changes of rows. */
import { TEMPORARY_KEY } from '../generated/facade.js';
import { type Collection, RealtimeError } from '../index.js';
import { oldestFirst } from '../oldest-first.js';

/** The fields that a server adds to a row. A new row lacks them until it is stored. */
export interface StoredRow {
  /** The row's key; a temporary one, `tmp:…`, until it is stored. */
  id: string;
  /** The number of changes, from 1 on. */
  version?: number;
  /** When it was created, in ISO 8601. */
  created_at?: string;
  /** When it was last changed, in ISO 8601. */
  updated_at?: string;
  /** The id of the user who created it. */
  created_by?: string;
}

/** The members of a collection that change rows; the result of `useCollection` has them too. */
export type Changeable<T extends object> = Pick<
  Collection<T>,
  'items' | 'insert' | 'update' | 'remove'
>;

export { oldestFirst };

/** Compares rows by creation time: the newest first. */
export const newestFirst = (a: StoredRow, b: StoredRow): number => oldestFirst(b, a);

/**
 * Returns the id of a row that another row refers to.
 *
 * @throws RealtimeError `invalid_argument` while the row has only a temporary id
 */
export function storedId({ id }: StoredRow, what: string): string {
  if (!id.startsWith(TEMPORARY_KEY)) return id;
  throw new RealtimeError(
    'invalid_argument',
    `The ${what} must be stored first.`,
    'Wait for the promise of its insert, or insert it with an id of its own.',
  );
}
