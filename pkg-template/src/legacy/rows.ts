/** The interface with which the legacy hooks load and store rows, for three kinds of backend. */
import type { Loaded } from '../index.js';

/** The columns, with their values, that select rows, such as `{ project_id: '1' }`. */
export type LegacyWhere = Readonly<Record<string, string>>;

type StoredRow = PromiseLike<object | undefined>;

/**
 * Loads and stores rows. The tables have the legacy systems' names: `interviews` (by `project_id`),
 * `interview_notes` and `interview_note_replies` (by `interview_id`, or all that the user may see).
 *
 * A rejection with `code` `'conflict'`, or `status` 409, is resolved as a conflict; any other rolls the change
 * back. `mutation` is the change's id, by convention the request's `Idempotency-Key`.
 */
export interface LegacyRows {
  /** Loads the rows that match `where`, with their position where the server sends it. */
  load<T extends object>(table: string, where: LegacyWhere): PromiseLike<Loaded<T>>;
  /** Stores a new row; returns it as stored. */
  insert(table: string, where: LegacyWhere, row: object, mutation: string): StoredRow;
  /** Changes some columns of a row; returns it as stored. */
  update(table: string, where: LegacyWhere, id: string, patch: object, mutation: string): StoredRow;
  /** Removes a row. */
  remove(table: string, where: LegacyWhere, id: string, mutation: string): PromiseLike<void>;
}
