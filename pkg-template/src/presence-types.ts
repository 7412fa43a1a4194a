/** The public types of presence and typing. */
import type { Unsubscribe } from './common-types.js';
import type { Sent } from './sent.js';

/** The presence data of one connection of a member. */
export type Meta = { readonly [member: string]: unknown };

/** Called when a member joins, updates or leaves: with its key, all its metas now, and those that changed. */
export type PresenceListener = (
  key: string,
  metas: readonly Meta[],
  changed: readonly Meta[],
) => void;

/**
 * The presence of a channel. Handles of one channel share it; listeners belong to their handle and are removed with
 * it. This client's presence is sent again after every reconnect, and ends with `untrack()` or
 * when the last handle is released and the channel is left.
 */
export interface Presence {
  /** The metas by key, several for a member with several tabs; a new map with each change. */
  readonly state: ReadonlyMap<string, readonly Meta[]>;
  /**
   * Tracks this client with `meta`. The server may choose the key. With Supabase the key is sent with the join: it is
   * that of the option `presence`, or that of this call if it is the handle's first use of presence.
   *
   * @throws RealtimeError `invalid_argument` if `meta` is not a JSON object, `destroyed`
   */
  track(meta: object, options?: { key?: string }): Sent;
  /**
   * Replaces the meta; other clients receive an update, not a leave and a join.
   *
   * @throws like {@link track}
   */
  update(meta: object): Sent;
  /**
   * Stops tracking this client.
   *
   * @throws RealtimeError `destroyed`
   */
  untrack(): Sent;
  /** `sync`: a full state was received; its changes follow. */
  on(event: 'sync', listener: () => void): Unsubscribe;
  on(event: 'join' | 'update' | 'leave', listener: PresenceListener): Unsubscribe;
}

/**
 * The typing members of a channel. Handles of one channel share it; listeners belong to their handle and are removed
 * with it. Nothing is queued: while there is no connection nothing is sent.
 */
export interface Typing {
  /** The names of the other members who are typing now, sorted; the same array until it changes. */
  readonly who: readonly string[];
  /** Sends that this user is typing. Call it on every keystroke: it is throttled, and expires by itself. */
  start(): void;
  /** Sends that this user has stopped typing. */
  stop(): void;
  /** Listens to changes of {@link who}. */
  on(event: 'change', listener: (who: readonly string[]) => void): Unsubscribe;
}
