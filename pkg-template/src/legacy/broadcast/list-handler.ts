/** Lists of rows that are updated by messages, with local changes applied. */
import type { Unsubscribe } from '../../index.js';
import { ListenerList } from '../listeners.js';
import { newestFirst } from '../row-changes.js';
import { BaseMessageHandler } from './base-message-handler.js';
import { BroadcastAction, type BroadcastMessage } from './envelope.js';
import { find, idsOf, type Key, merge, removeByKey, restore } from './keyed-list.js';

export interface ListRow {
  id: string;
  tempId?: string;
  created_at?: string;
  content?: unknown;
}

/** The payload of a change: some members of a row. */
export type ChangePayload<T> = Partial<T> & Key;

const temporaryId = (): string => `temp-${Date.now()}-${Math.random().toString(36).slice(2, 11)}`;

const NO_ROWS: never[] = [];

/** Keeps rows in lists: one list for each owner, by the owner's id. */
export class ListHandler<T extends ListRow> extends BaseMessageHandler<ChangePayload<T>> {
  readonly #owner: keyof T;
  #lists: ReadonlyMap<string, T[]> = new Map();
  readonly #listeners = new ListenerList();
  /** During a load: all ids of the rows that were changed or removed since it started. */
  #touched: Set<string> | undefined;

  /** @param owner the member with the id of a row's owner */
  constructor(owner: keyof T) {
    super();
    this.#owner = owner;
  }

  /** The lists; another map after each change. */
  get lists(): ReadonlyMap<string, T[]> {
    return this.#lists;
  }

  of(owner: string): T[] {
    return this.#lists.get(owner) ?? NO_ROWS;
  }

  onChange(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  get(key: Key): T | undefined {
    return find([...this.#lists.values()].flat(), key);
  }

  override handleMessage(message: BroadcastMessage<ChangePayload<T>>): void {
    if (!this.accept(message)) return;
    const { action, payload } = message;
    if (action === BroadcastAction.DELETE) this.remove(payload);
    else if (action === BroadcastAction.CREATE || action === BroadcastAction.UPDATE) {
      this.apply(payload);
    }
  }

  /** Marks the start of a load: later changes are newer than the loaded rows. */
  beginLoad(): void {
    this.#touched = new Set();
  }

  /** Marks the end of a load, successful or not. */
  endLoad(): void {
    this.#touched = undefined;
  }

  /** Merges a change of a message or of the server into the row, or adds the row to its list. */
  apply(row: ChangePayload<T>): void {
    const known = this.get(row);
    const entries = Object.entries(row).filter(([, value]) => value !== undefined);
    const members = Object.fromEntries(entries) as Partial<T>;
    this.#touch(row);
    const owner = known ? this.#ownerOf(known) : row[this.#owner];
    const id = row.id ?? row.tempId;
    if (known) this.#edit(owner, (list) => merge(list, row, members));
    else if (id !== undefined) this.#edit(owner, (list) => [{ ...members, id } as T, ...list]);
  }

  remove(key: Key): void {
    const known = this.get(key);
    this.#touch(key);
    if (!known) return;
    this.#touch(known);
    this.#edit(this.#ownerOf(known), (list) => removeByKey(list, key));
  }

  restore(row: T): void {
    this.#touch(row);
    this.#edit(row[this.#owner], (list) => restore(list, row));
  }

  /** Adds a row that is not stored yet; returns its temporary id. */
  addOptimistic(row: Omit<T, 'id'>): string {
    const tempId = temporaryId();
    const shown = { ...row, id: tempId, tempId } as unknown as ChangePayload<T>;
    this.addOptimisticUpdate(tempId, shown);
    this.apply(shown);
    return tempId;
  }

  /** Sets the real id of a row, which keeps the temporary one as its key. */
  override confirmOptimisticUpdate(tempId: string, realId: string): void {
    super.confirmOptimisticUpdate(tempId, realId);
    const key = { id: realId, tempId } as ChangePayload<T>;
    if (this.get({ tempId })) this.apply(key);
    else this.#touch(key);
  }

  override failOptimisticUpdate(tempId: string): void {
    super.failOptimisticUpdate(tempId);
    this.remove({ tempId });
  }

  /** Replaces a list with the loaded rows. Rows that are newer or not stored yet are kept. */
  replace(owner: string, rows: readonly T[]): void {
    const pending = this.getOptimisticUpdates().filter(({ status }) => status === 'pending');
    const newer = new Set([...(this.#touched ?? []), ...pending.map(({ tempId }) => tempId)]);
    const isNewer = (row: T): boolean => idsOf(row).some((id) => newer.has(id));
    this.#edit(owner, (list) => {
      const loaded = rows.filter(({ id }) => !newer.has(id));
      const keyed = loaded.map((row) => {
        const { tempId } = find(list, { id: row.id }) ?? {};
        return tempId === undefined ? row : { ...row, tempId };
      });
      return [...list.filter(isNewer), ...keyed].sort(newestFirst);
    });
  }

  drop(owner: string): void {
    const lists = new Map(this.#lists);
    lists.delete(owner);
    this.#show(lists);
  }

  #touch(row: Key): void {
    for (const id of idsOf(row)) this.#touched?.add(id);
  }

  #ownerOf(row: T): string | undefined {
    return [...this.#lists].find(([, list]) => list.includes(row))?.[0];
  }

  /** Edits the list of an owner. A message may lack the owner: then there is no list to edit. */
  #edit(owner: unknown, edit: (list: readonly T[]) => T[]): void {
    if (typeof owner !== 'string') return;
    this.#show(new Map(this.#lists).set(owner, edit(this.of(owner))));
  }

  #show(lists: ReadonlyMap<string, T[]>): void {
    this.#lists = lists;
    this.#listeners.emit();
  }
}
