/** Unconfirmed local changes, and the recognition of repeated messages. */
import { BroadcastAction, type BroadcastMessage } from './envelope.js';

/** How long a confirmed change is kept, and the time within which two changes with the same content count as one. */
const WINDOW_MS = 5_000;

/** The number of received messages whose ids are kept, to recognise repetitions. */
const MAX_IDS = 1_024;

/** A local change. */
export interface OptimisticUpdate<T> {
  tempId: string;
  /** The id that the server assigned. */
  realId?: string;
  data: T;
  /** Milliseconds since 1970. */
  timestamp: number;
  status: 'pending' | 'confirmed' | 'failed';
}

export interface Identified {
  id?: string;
  tempId?: string | undefined;
  content?: unknown;
}

/**
 * Keeps changes that are not confirmed yet, and recognises repeated messages.
 *
 * @deprecated Use `client.collection(…)` of `tidewire`, or `useCollection` of `tidewire/react`.
 */
export abstract class BaseMessageHandler<T extends Identified = Identified> {
  readonly #updates = new Map<string, OptimisticUpdate<T>>();
  readonly #seen = new Set<string>();

  abstract handleMessage(message: BroadcastMessage<T>): void;

  addOptimisticUpdate(tempId: string, data: T): void {
    this.#updates.set(tempId, { tempId, data, timestamp: Date.now(), status: 'pending' });
  }

  /** Marks a change as stored by the server under `realId`. It is kept for five more seconds. */
  confirmOptimisticUpdate(tempId: string, realId: string): void {
    this.#settle(tempId, { realId, timestamp: Date.now(), status: 'confirmed' });
  }

  failOptimisticUpdate(tempId: string): void {
    this.#settle(tempId, { status: 'failed' });
  }

  /** Whether a message is a repetition: it was received before, or it is a local change. */
  isDuplicate({ id, action, payload, metadata }: BroadcastMessage<T>): boolean {
    if (this.#seen.has(id)) return true;
    // Another change of the same row is new, even within the time window.
    if (action !== BroadcastAction.CREATE) return false;
    this.#forgetSettled();
    return [...this.#updates.values()].some(({ tempId, realId, data, timestamp, status }) => {
      if (status === 'failed') return false;
      if (payload.tempId !== undefined) return payload.tempId === tempId;
      if (status === 'confirmed' && payload.id === realId) return true;
      const author = (data as { created_by?: unknown }).created_by;
      return (
        data.content !== undefined &&
        data.content === payload.content &&
        author === metadata.userId &&
        Math.abs(metadata.timestamp - timestamp) <= WINDOW_MS
      );
    });
  }

  /** Removes changes that are older than `maxAge` milliseconds. */
  cleanupOptimisticUpdates(maxAge = 10_000): void {
    this.#forget(maxAge, () => true);
  }

  /** Returns the changes that are kept, oldest first. */
  getOptimisticUpdates(): OptimisticUpdate<T>[] {
    this.#forgetSettled();
    return [...this.#updates.values()];
  }

  clearOptimisticUpdates(): void {
    this.#updates.clear();
  }

  /** Returns whether a message is new, and records it as received. */
  protected accept(message: BroadcastMessage<T>): boolean {
    if (this.isDuplicate(message)) return false;
    this.#seen.add(message.id);
    const [oldest = ''] = this.#seen;
    if (this.#seen.size > MAX_IDS) this.#seen.delete(oldest);
    return true;
  }

  #settle(tempId: string, outcome: Partial<OptimisticUpdate<T>>): void {
    const update = this.#updates.get(tempId);
    if (update) this.#updates.set(tempId, { ...update, ...outcome });
  }

  /** Removes settled changes after a while; changes that are not settled are kept. */
  #forgetSettled(): void {
    this.#forget(WINDOW_MS, ({ status }) => status !== 'pending');
  }

  #forget(maxAge: number, matches: (update: OptimisticUpdate<T>) => boolean): void {
    for (const update of [...this.#updates.values()]) {
      const isOld = update.timestamp < Date.now() - maxAge;
      if (isOld && matches(update)) this.#updates.delete(update.tempId);
    }
  }
}
