/** Where the older hooks load rows from and store them: one noun for three kinds of backend. */
import type { Loaded } from '../index.js';

/** The columns by which rows are chosen, such as `{ project_id: '1' }`. */
export type LegacyWhere = Readonly<Record<string, string>>;

/**
 * Loads and stores rows. The tables have the older systems' names: `interviews` (by `project_id`),
 * `interview_notes` and `interview_note_replies` (by `interview_id`, or all that the user may see).
 *
 * A rejection with `code` `'conflict'`, or `status` 409, is settled as a conflict; any other takes the change
 * back. `mutation` is the change's id, by convention the request's `Idempotency-Key`.
 */
export interface LegacyRows {
  /** The rows for which all of `where` holds, with the position they are of where the server tells it. */
  load<T extends object>(table: string, where: LegacyWhere): PromiseLike<Loaded<T>>;
  /** Stores a new row; gives it as stored. */
  insert(
    table: string,
    where: LegacyWhere,
    row: object,
    mutation: string,
  ): PromiseLike<object | undefined>;
  /** Changes some columns of a row; gives it as stored. */
  update(
    table: string,
    where: LegacyWhere,
    id: string,
    patch: object,
    mutation: string,
  ): PromiseLike<object | undefined>;
  /** Takes a row away. */
  remove(table: string, where: LegacyWhere, id: string, mutation: string): PromiseLike<void>;
}
