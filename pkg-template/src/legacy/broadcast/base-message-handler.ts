/** Unconfirmed local changes, and the recognition of repeated messages. */
import { BroadcastAction, type BroadcastMessage } from './envelope.js';

/** How long a change that was confirmed is remembered, and how near in time two of the same content are one. */
const WINDOW_MS = 5_000;

/** Ids of messages that are remembered. */
const REMEMBERED = 1_024;

/** A change made here. */
export interface OptimisticUpdate<T> {
  tempId: string;
  /** What the server made of it. */
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

  /** The server has it, by an id of its own. It is remembered for five seconds more. */
  confirmOptimisticUpdate(tempId: string, realId: string): void {
    this.#settle(tempId, { realId, timestamp: Date.now(), status: 'confirmed' });
  }

  failOptimisticUpdate(tempId: string): void {
    this.#settle(tempId, { status: 'failed' });
  }

  /** Whether a message is a repetition: it was received before, or it is a local change. */
  isDuplicate({ id, action, payload, metadata }: BroadcastMessage<T>): boolean {
    if (this.#seen.has(id)) return true;
    // A later change is new, however soon it is made.
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

  /** Forgets what is older than `maxAge` milliseconds. */
  cleanupOptimisticUpdates(maxAge = 10_000): void {
    this.#forget(maxAge, () => true);
  }

  /** The changes that are remembered, oldest first. */
  getOptimisticUpdates(): OptimisticUpdate<T>[] {
    this.#forgetSettled();
    return [...this.#updates.values()];
  }

  clearOptimisticUpdates(): void {
    this.#updates.clear();
  }

  /** Whether a message is new; from now on it is not. */
  protected accept(message: BroadcastMessage<T>): boolean {
    if (this.isDuplicate(message)) return false;
    this.#seen.add(message.id);
    const [oldest = ''] = this.#seen;
    if (this.#seen.size > REMEMBERED) this.#seen.delete(oldest);
    return true;
  }

  #settle(tempId: string, outcome: Partial<OptimisticUpdate<T>>): void {
    const update = this.#updates.get(tempId);
    if (update) this.#updates.set(tempId, { ...update, ...outcome });
  }

  /** What was settled is remembered for a while, what waits for an answer until it has one. */
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
