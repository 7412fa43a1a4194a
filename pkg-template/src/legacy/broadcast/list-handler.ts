/** Lists of rows that follow messages, with changes made here on them. */
import { newestFirst } from '../interviews/order.js';
import { callSafely } from '../listeners.js';
import { BaseMessageHandler } from './base-message-handler.js';
import { BroadcastAction, type BroadcastMessage } from './envelope.js';
import {
  definedFields,
  find,
  type Key,
  merge,
  removeByKey,
  restore,
  upsert,
} from './keyed-list.js';

/** A row of such a list. */
export interface ListRow {
  id: string;
  tempId?: string;
  created_at?: string;
  content?: unknown;
}

/** The payload of a change: some members of a row. */
export type ChangePayload<T> = Partial<T> & Key;

/** An id for a row that the server does not know yet. */
export const temporaryId = (): string =>
  `temp-${Date.now()}-${Math.random().toString(36).slice(2, 11)}`;

/** Rows in lists, each list by the id of what it belongs to. */
export abstract class ListHandler<T extends ListRow> extends BaseMessageHandler<ChangePayload<T>> {
  #lists: ReadonlyMap<string, T[]> = new Map();
  readonly #changed = new Set<() => void>();
  /** During a load: the rows that were changed or removed since it started, by all their ids. */
  #touched: Set<string> | undefined;

  /** The owner of the list that a row belongs to; `undefined` if the message does not contain it. */
  protected abstract listOf(row: ChangePayload<T>): string | undefined;

  /** The lists; another map after each change. */
  get lists(): ReadonlyMap<string, T[]> {
    return this.#lists;
  }

  /** Listens to changes. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** The row, wherever it is. */
  get(key: Key): T | undefined {
    for (const list of this.#lists.values()) {
      const row = find(list, key);
      if (row) return row;
    }
    return undefined;
  }

  override handleMessage(message: BroadcastMessage<ChangePayload<T>>): void {
    if (!this.accept(message)) return;
    const { action, payload } = message;
    if (action === BroadcastAction.DELETE) this.remove(payload);
    else if (action === BroadcastAction.CREATE || action === BroadcastAction.UPDATE) {
      this.apply(payload);
    }
  }

  /** Rows are about to be loaded: what changes from now on is newer than they are. */
  beginLoad(): void {
    this.#touched = new Set();
  }

  /** They were taken in, or could not be loaded. */
  endLoad(): void {
    this.#touched = undefined;
  }

  /** Merges a change of a message or of the server into the row, or adds the row to its list. */
  apply(row: ChangePayload<T>): void {
    const known = this.get(row);
    const members = definedFields(row);
    this.#touch(row);
    if (known) {
      this.#edit(this.#ownerOf(known), (list) => merge(list, row, members as Partial<T>));
      return;
    }
    const owner = this.listOf(row);
    if (owner === undefined) return;
    const id = row.id ?? row.tempId;
    if (id !== undefined) this.#edit(owner, (list) => upsert(list, { ...members, id } as T));
  }

  /** Takes a row away. */
  remove(key: Key): void {
    const known = this.get(key);
    this.#touch(key);
    if (!known) return;
    this.#touch(known);
    this.#edit(this.#ownerOf(known), (list) => removeByKey(list, key));
  }

  /** Brings a row back to its place. */
  restore(row: T): void {
    const owner = this.listOf(row as ChangePayload<T>);
    this.#touch(row);
    if (owner !== undefined) this.#edit(owner, (list) => restore(list, row));
  }

  /** Shows a row that the server does not know yet; returns its temporary id. */
  addOptimistic(row: Omit<T, 'id'>): string {
    const tempId = temporaryId();
    const shown = { ...row, id: tempId, tempId } as unknown as T;
    this.addOptimisticUpdate(tempId, shown as ChangePayload<T>);
    this.apply(shown as ChangePayload<T>);
    return tempId;
  }

  /** The row has its real id from now on, and keeps the temporary one as its key. */
  override confirmOptimisticUpdate(tempId: string, realId: string): void {
    super.confirmOptimisticUpdate(tempId, realId);
    const row = this.get({ tempId });
    this.#touch({ id: realId, tempId });
    if (!row) return;
    const key = { id: realId, tempId };
    this.#edit(this.#ownerOf(row), (list) => merge(list, key, key as Partial<T>));
  }

  /** Takes the row back. */
  override failOptimisticUpdate(tempId: string): void {
    super.failOptimisticUpdate(tempId);
    this.remove({ tempId });
  }

  /** Takes in what was loaded for a list: it replaces all but what is newer, or not stored yet. */
  protected replace(owner: string, rows: readonly T[]): void {
    const waits = this.getOptimisticUpdates().filter(({ status }) => status === 'pending');
    const newer = new Set([...(this.#touched ?? []), ...waits.map(({ tempId }) => tempId)]);
    const isNewer = ({ id, tempId }: T): boolean =>
      newer.has(id) || (tempId !== undefined && newer.has(tempId));
    this.#edit(owner, (list) =>
      [
        ...list.filter(isNewer),
        ...rows
          .filter(({ id }) => !newer.has(id))
          .map((row) => {
            const { tempId } = find(list, { id: row.id }) ?? {};
            return tempId === undefined ? row : { ...row, tempId };
          }),
      ].sort(newestFirst),
    );
  }

  /** Forgets a list. */
  protected drop(owner: string): void {
    const lists = new Map(this.#lists);
    lists.delete(owner);
    this.#show(lists);
  }

  #touch({ id, tempId }: Key): void {
    if (id !== undefined) this.#touched?.add(id);
    if (tempId !== undefined) this.#touched?.add(tempId);
  }

  #ownerOf(row: T): string {
    for (const [owner, list] of this.#lists) if (list.includes(row)) return owner;
    return '';
  }

  #edit(owner: string, edit: (list: readonly T[]) => T[]): void {
    this.#show(new Map(this.#lists).set(owner, edit(this.#lists.get(owner) ?? [])));
  }

  #show(lists: ReadonlyMap<string, T[]>): void {
    this.#lists = lists;
    for (const listener of [...this.#changed]) callSafely(listener);
  }
}
