/** The public types of presence and typing: who is on a channel, and what they are doing there. */
import type { Unsubscribe } from './common-types.js';
import type { Sent } from './sent.js';

/** What somebody says of themselves on a channel. */
export type Meta = { readonly [member: string]: unknown };

/** Told who came, went or changed: by their key, all that holds for it now, and what changed of it. */
export type PresenceListener = (
  key: string,
  metas: readonly Meta[],
  changed: readonly Meta[],
) => void;

/**
 * Who is present on a channel. Handles of one channel share it; listeners are their handle's and go with
 * it. What this client says of itself is said again after every reconnect, and ends with `untrack()` or
 * when the last handle is gone and the channel is left.
 */
export interface Presence {
  /** What is said by key, several times for one in several tabs; a new map with each change. */
  readonly state: ReadonlyMap<string, readonly Meta[]>;
  /**
   * Says that this client is here, with `meta`. The server may know it by a key of its own choice. With
   * Supabase the key is the join's: that of the option `presence`, or of this call if it is the handle's
   * first use of presence.
   *
   * @throws RealtimeError `invalid_argument` if `meta` is no JSON object, `destroyed`
   */
  track(meta: object, options?: { key?: string }): Sent;
  /**
   * Replaces what is said; to others an update, not a leave and a join.
   *
   * @throws like {@link track}
   */
  update(meta: object): Sent;
  /**
   * Takes it back.
   *
   * @throws RealtimeError `destroyed`
   */
  untrack(): Sent;
  /** `sync`: the state was received anew, changes of it follow. */
  on(event: 'sync', listener: () => void): Unsubscribe;
  on(event: 'join' | 'update' | 'leave', listener: PresenceListener): Unsubscribe;
}

/**
 * Who is typing on a channel. Handles of one channel share it; listeners are their handle's and go with
 * it. Nothing of it is queued: while there is no connection it is not said.
 */
export interface Typing {
  /** Names of the others who are typing now, sorted; the same array until it changes. */
  readonly who: readonly string[];
  /** Says that this user types. Call it with every keystroke: it is said rarely, and ends by itself. */
  start(): void;
  /** Says that this user has stopped. */
  stop(): void;
  /** Told of each change of {@link who}. */
  on(event: 'change', listener: (who: readonly string[]) => void): Unsubscribe;
}
