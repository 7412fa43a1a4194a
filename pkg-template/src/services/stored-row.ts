/** What all rows of the services here have, and how they are ordered and changed. */
import { type Collection, RealtimeError } from '../index.js';
import { oldestFirst } from '../oldest-first.js';

/** What a server adds to a row. Until it has, what is shown of a new row lacks it. */
export interface StoredRow {
  /** The row's key; a temporary one, `tmp:…`, until it is stored. */
  id: string;
  /** How often it was changed, from 1 on. */
  version?: number;
  /** When it was made, in ISO 8601. */
  created_at?: string;
  /** When it was changed last, in ISO 8601. */
  updated_at?: string;
  /** The id of the user who made it. */
  created_by?: string;
}

/** What the functions here need to change rows: a collection, or what `useCollection` gives. */
export type Changeable<T extends object> = Pick<
  Collection<T>,
  'items' | 'insert' | 'update' | 'remove'
>;

export { oldestFirst };

/** The newest first. */
export const newestFirst = (a: StoredRow, b: StoredRow): number => oldestFirst(b, a);

/**
 * The id of a row that others are to name.
 *
 * @throws RealtimeError `invalid_argument` while it has only a temporary one
 */
export function storedId({ id }: StoredRow, what: string): string {
  if (!id.startsWith('tmp:')) return id;
  throw new RealtimeError(
    'invalid_argument',
    `The ${what} must be stored first.`,
    'Wait for the promise of its insert, or insert it with an id of its own.',
  );
}
