/** Optimistic changes: they are applied at once, here and by broadcast, and rolled back everywhere if the server rejects them. */
import { type LegacyWhere, legacyConfig } from '../index.js';
import type { InterviewBroadcastType } from './envelope.js';
import type { ChangePayload, ListHandler, ListRow } from './list-handler.js';
import type { ManagedChannel } from './managed-channel.js';
import { MessageFactory } from './message-factory.js';

/** The list that is changed, its storage, and its broadcasts. */
export interface Subject<T extends ListRow> {
  handler: ListHandler<T>;
  type: InterviewBroadcastType;
  table: string;
  where: LegacyWhere;
  /** Members of every message, so that others know where it belongs. */
  place: ChangePayload<T>;
  channel: ManagedChannel;
}

/** Returns the inverse of a change, for the members that still have the changed value. */
const inverse = <T extends object>(before: T, now: T, patch: Partial<T>): Partial<T> =>
  Object.fromEntries(
    Object.entries(patch)
      .filter(([name, value]) => now[name as keyof T] === value)
      .map(([name]) => [name, before[name as keyof T]]),
  ) as Partial<T>;

/** Changes the rows of one kind. */
export class OptimisticChanges<T extends ListRow> {
  readonly #subject: Subject<T>;
  /** The rows that are being stored, by temporary id. */
  readonly #inserts = new Map<string, Promise<T>>();

  constructor(subject: Subject<T>) {
    this.#subject = subject;
  }

  /**
   * Adds a row. The others know it by its temporary id until it has its own.
   *
   * @param look what shows of it besides, and is not stored
   */
  async insert(row: Partial<T>, look: Partial<T> = {}): Promise<T> {
    const { handler, place } = this.#subject;
    const shown = { created_at: new Date().toISOString(), ...row, ...look, ...place };
    const tempId = handler.addOptimistic(shown as unknown as Omit<T, 'id'>);
    this.#send('create', { ...shown, tempId } as unknown as ChangePayload<T>);
    const storing = this.#store(row, tempId);
    this.#inserts.set(tempId, storing);
    try {
      return await storing;
    } finally {
      this.#inserts.delete(tempId);
    }
  }

  /** Changes some members of a row. */
  async update(id: string, patch: Partial<T>): Promise<void> {
    const { handler, table, where, place } = this.#subject;
    const key = await this.realId(id);
    const before = handler.get({ id: key });
    this.#change({ ...patch, ...place, id: key } as ChangePayload<T>);
    try {
      const row = await legacyConfig().data.update(table, where, key, patch, mutationId());
      if (row) handler.apply(row as ChangePayload<T>);
    } catch (error) {
      const now = handler.get({ id: key });
      if (before && now) {
        this.#change({ ...inverse(before, now, patch), ...place, id: key } as ChangePayload<T>);
      }
      throw error;
    }
  }

  /** Takes a row away. */
  async remove(id: string): Promise<void> {
    const { handler, table, where, place } = this.#subject;
    const key = await this.realId(id);
    const before = handler.get({ id: key });
    handler.remove({ id: key });
    this.#send('delete', { ...place, id: key } as ChangePayload<T>);
    try {
      await legacyConfig().data.remove(table, where, key, mutationId());
    } catch (error) {
      if (before) {
        handler.restore(before);
        this.#send('create', before as unknown as ChangePayload<T>);
      }
      throw error;
    }
  }

  /** The id by which the server knows a row; of one that is being stored, once it is. */
  async realId(id: string): Promise<string> {
    const storing = this.#inserts.get(id);
    if (storing) return (await storing).id;
    return this.#subject.handler.get({ id })?.id ?? id;
  }

  /** Shows something of a row, here and to the others, that is not stored. */
  sendUpdate(row: ChangePayload<T>): void {
    this.#change({ ...row, ...this.#subject.place });
  }

  async #store(row: Partial<T>, tempId: string): Promise<T> {
    const { handler, table, where, place } = this.#subject;
    try {
      const stored = (await legacyConfig().data.insert(table, where, row, tempId)) as T;
      handler.confirmOptimisticUpdate(tempId, stored.id);
      this.#change({ ...stored, tempId } as unknown as ChangePayload<T>);
      return stored;
    } catch (error) {
      handler.failOptimisticUpdate(tempId);
      this.#send('delete', { ...place, tempId } as ChangePayload<T>);
      throw error;
    }
  }

  #change(row: ChangePayload<T>): void {
    this.#subject.handler.apply(row);
    this.#send('update', row);
  }

  /** Broadcasts a change. If that fails, the others load it after reconnecting. */
  #send(action: 'create' | 'update' | 'delete', payload: ChangePayload<T>): void {
    const { type, channel } = this.#subject;
    const userId = legacyConfig().auth.getSnapshot()?.user.id ?? '';
    channel.send(MessageFactory.create(type, action, payload, userId)).catch(() => {});
  }
}

const mutationId = (): string => MessageFactory.create('', 'update', null, '').id;
