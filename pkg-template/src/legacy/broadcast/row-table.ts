/** The rows of one table: a collection, together with the changes that other clients broadcast. */
import type { Collection, CollectionSnapshot, Loaded, Unsubscribe } from '../../index.js';
import { type LegacyConfig, type LegacyWhere, legacyConfig } from '../index.js';
import { ListenerList } from '../listeners.js';
import { liveRows } from '../live-rows.js';
import { changesBetween } from '../row-changes.js';
import { until } from '../until.js';
import { type BroadcastMessage, type InterviewBroadcastType, MessageFactory } from './envelope.js';
import type { ChangePayload, ListHandler, ListRow } from './list-handler.js';
import type { ManagedChannel } from './managed-channel.js';

export interface TableOptions<T extends ListRow> {
  /** Keeps the rows that are shown: those of the collection, and those that other clients have broadcast. */
  handler: ListHandler<T>;
  type: InterviewBroadcastType;
  table: string;
  /** The columns that select the rows. They are also members of every message, so that receivers know the row's owner. */
  where: LegacyWhere;
  channel: ManagedChannel;
  /** The channel on which servers publish changes of the table. Not used on Supabase, where `channel` has them. */
  rowChannel: string;
  loaded(rows: readonly T[]): void;
  /** Whether the backend has this table. Default `'has it'`. */
  backend?: 'has it' | 'may lack it';
}

/**
 * The rows of a table. The collection stores changes, rolls them back, and receives those of the server; the handler
 * adds broadcast changes at once. Rollbacks are broadcast too.
 */
export class RowTable<T extends ListRow> {
  readonly #options: TableOptions<T>;
  readonly rows: Collection<T>;
  readonly #ends: Unsubscribe[];
  /** Called when a load has ended, the collection's rows have changed, or it is closed. */
  readonly #progress = new ListenerList();
  /** The ids of the rows that the last load returned; another set after each load. */
  #loaded: ReadonlySet<string> = new Set();
  /** The rows that other clients have deleted: the collection may still contain them. */
  readonly #deleted = new Set<string>();
  #lastRows: readonly T[] = [];
  #load: 'settled' | 'succeeded' = 'settled';
  /** The purpose of the next load: all rows, or only those that were broadcast but are not in the collection. */
  #purpose: 'all' | 'missing' = 'all';
  /** The rows that are being stored, by temporary id. */
  readonly #inserts = new Map<string, Promise<T>>();

  constructor(options: TableOptions<T>, changed: () => void) {
    const { handler, table, where, channel, rowChannel, type } = options;
    const config = legacyConfig();
    this.#options = options;
    this.rows = liveRows<T>(config, {
      table,
      where,
      channel: config.supabase ? channel.name : rowChannel,
      join: channel.joinOptions(),
      load: (load) => this.#loading(load),
    });
    this.#ends = [
      this.rows.on('change', (snapshot) => {
        this.#show(snapshot);
        this.#progress.emit();
        changed();
      }),
      handler.onChange(changed),
      channel.on(type, (message) =>
        this.#receive(message as BroadcastMessage<ChangePayload<T>>, config),
      ),
      () => this.rows.release(),
    ];
  }

  /** Loads the rows again. The promise is settled once that has succeeded or failed. */
  async reload(): Promise<void> {
    const before = this.#loaded;
    this.rows.reload();
    await this.#until(() => this.#loaded !== before);
  }

  /**
   * Adds a row. Messages contain its temporary id until it has its own.
   *
   * @param shownOnly members that are shown but not stored
   */
  async insert(row: Partial<T>, shownOnly: Partial<T> = {}): Promise<T> {
    const { handler, where } = this.#options;
    const shown = { created_at: new Date().toISOString(), ...row, ...shownOnly, ...where };
    const tempId = handler.addOptimistic(shown as unknown as Omit<T, 'id'>);
    this.#send('create', { ...shown, tempId });
    const storing = this.#store(row, tempId);
    this.#inserts.set(tempId, storing);
    return storing.finally(() => this.#inserts.delete(tempId));
  }

  async update(id: string, patch: Partial<T>): Promise<void> {
    const key = await this.realId(id);
    const before = this.#options.handler.get({ id: key });
    let stored = this.rows.get(key);
    this.show({ ...patch, id: key });
    try {
      await this.#loadMissing(key);
      stored = this.rows.get(key);
      const { row } = await this.rows.update(key, patch).promise;
      // Another client may have deleted it meanwhile.
      const { handler } = this.#options;
      if (row && handler.get({ id: key })) handler.apply(row as ChangePayload<T>);
    } catch (error) {
      const now = this.rows.get(key);
      // Broadcast members of the row need not be in the collection; those that have changed since are kept.
      const undone = Object.entries(before ?? {}).filter(
        ([name]) => name in patch && now?.[name as keyof T] === stored?.[name as keyof T],
      );
      const isShown = this.#options.handler.get({ id: key }) !== undefined;
      if (undone.length && isShown)
        this.show({ ...Object.fromEntries(undone), id: key } as ChangePayload<T>);
      throw error;
    }
  }

  async remove(id: string): Promise<void> {
    const { handler, where } = this.#options;
    const key = await this.realId(id);
    const before = handler.get({ id: key });
    handler.remove({ id: key });
    this.#send('delete', { ...where, id: key });
    try {
      await this.#loadMissing(key);
      await this.rows.remove(key).promise;
    } catch (error) {
      if (before) {
        handler.restore(before);
        this.#send('create', before);
      }
      throw error;
    }
  }

  /** Resolves with the server's id of a row, once the row is stored. */
  async realId(id: string): Promise<string> {
    const { id: real } = (await this.#inserts.get(id)) ??
      this.#options.handler.get({ id }) ?? { id };
    return real;
  }

  /** Changes members of a row for all clients of the channel, without storing them. */
  show(row: ChangePayload<T>): void {
    const shown = { ...row, ...this.#options.where };
    this.#options.handler.apply(shown);
    this.#send('update', shown);
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#progress.emit();
  }

  /** Loads a row that was only broadcast so far: a collection can change only rows that it contains. */
  async #loadMissing(key: string): Promise<void> {
    if (this.rows.get(key)) return;
    this.#purpose = 'missing';
    await this.reload();
    // The collection may contain the row only some time after the load, or never, if the load did not return it.
    const isHere = (): boolean => this.rows.get(key) !== undefined || this.rows.isPending(key);
    await this.#until(() => isHere() || !this.#loaded.has(key));
  }

  /** Resolves once the condition is met, or the rows are released. */
  #until(isMet: () => boolean): Promise<void> {
    const isOver = (): boolean => isMet() || !this.#ends.length;
    return until(isOver, (listener) => this.#progress.add(listener));
  }

  #loadEnded(rows: readonly T[]): void {
    this.#loaded = new Set(rows.map(({ id }) => `${id}`));
    this.#progress.emit();
  }

  async #store(row: Partial<T>, tempId: string): Promise<T> {
    const { handler, where } = this.#options;
    try {
      const { row: stored } = await this.rows.insert(row as T).promise;
      if (!stored) throw Error('The server did not return the row.');
      handler.confirmOptimisticUpdate(tempId, stored.id);
      this.show({ ...stored, tempId });
      return stored;
    } catch (error) {
      handler.failOptimisticUpdate(tempId);
      this.#send('delete', { ...where, tempId });
      throw error;
    }
  }

  async #loading(load: () => PromiseLike<Loaded<T>>): Promise<Loaded<T>> {
    const { handler, backend } = this.#options;
    handler.beginLoad();
    try {
      const loaded = await load();
      this.#load = 'succeeded';
      this.#loadEnded('rows' in loaded ? loaded.rows : loaded);
      return loaded;
    } catch (error) {
      handler.endLoad();
      this.#loadEnded([]);
      if (backend !== 'may lack it') throw error;
      return this.#lastRows;
    }
  }

  #show({ items, isLoading }: CollectionSnapshot<T>): void {
    const { handler, loaded } = this.#options;
    // Rows without an id are not stored yet: the handler contains them under their temporary id.
    const rows = items.filter(({ id }) => id !== undefined);
    const changes = changesBetween(this.#lastRows, rows);
    this.#lastRows = rows;
    const purpose = this.#purpose;
    if (this.#load === 'succeeded' && !isLoading) {
      this.#load = 'settled';
      this.#purpose = 'all';
      if (purpose === 'all') loaded(rows);
      handler.endLoad();
      if (purpose === 'all') return;
    }
    for (const { eventType, new: row, old } of changes) {
      const isShown = handler.get({ id: (row as T).id }) !== undefined;
      if (eventType === 'DELETE') handler.remove(old as T);
      else if (this.#deleted.has((row as T).id)) continue;
      else if (!isShown) handler.restore(row as T);
      // The broadcast members of a missing row are newer.
      else if (eventType === 'UPDATE' || purpose === 'all') handler.apply(row as ChangePayload<T>);
    }
  }

  #receive(message: BroadcastMessage<ChangePayload<T>>, { supabase }: LegacyConfig): void {
    // Where the server publishes rows, a row is shown once it is stored, with its own id.
    const { action, payload } = message;
    const isUnknown = action === 'create' && payload.id === undefined;
    if (payload.id !== undefined) {
      if (action === 'delete') this.#deleted.add(payload.id);
      else if (action === 'create') this.#deleted.delete(payload.id);
    }
    if (supabase || !isUnknown) this.#options.handler.handleMessage(message);
  }

  /** Broadcasts a change. If that fails, the other clients load it after they reconnect. */
  #send(action: 'create' | 'update' | 'delete', payload: object): void {
    const { type, channel } = this.#options;
    const userId = legacyConfig().auth.getSnapshot()?.user.id ?? '';
    channel.send(MessageFactory.create(type, action, payload, userId)).catch(() => {});
  }
}
