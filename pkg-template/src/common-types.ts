/** The public types that several parts of the client share. */
import type { RealtimeError } from './errors.js';
import type { PostgresFilter } from './postgres-types.js';

export type { ChannelState, Continuity } from './generated/types.js';

/** Removes the callback or handle. Calling it again does nothing. */
export type Unsubscribe = () => void;

/** Messages of a channel that this client has lost. */
export interface Gap {
  /** The channel. */
  channel: string;
  /** First lost position, if known. */
  from?: number;
  /** Last lost position, if known. */
  to?: number;
  /** The epoch of the positions. */
  epoch?: string;
}

/** Options of a channel. */
export interface ChannelOptions {
  /** Keep the channel joined while it has no subscriber, for `idleTtlMs`. Default `false`. */
  persistent?: boolean;
  /** How long an idle persistent channel stays joined. Default: the client's `idleChannelTtlMs`. */
  idleTtlMs?: number;
  /**
   * Sent to the server with the join: with Phoenix the payload of the join. All subscribers of a channel
   * need the same: a different value is an `invalid_argument`.
   */
  params?: object;
  /**
   * Supabase: `ack`: the server confirms broadcasts; `self`: own broadcasts are received too; `replay`: stored
   * broadcasts since a time (milliseconds since 1970) are delivered first, on private channels.
   */
  broadcast?: { ack?: boolean; self?: boolean; replay?: { since: number; limit?: number } };
  /**
   * Supabase: whether the channel has presence, and this client's presence key.
   * Default: enabled by the first use of a handle's `presence`.
   */
  presence?: boolean | { key?: string };
  /** Supabase: the database changes to receive as well, with `meta.kind` `'change'`. */
  postgresChanges?: readonly PostgresFilter[];
  /** Supabase: whether the database's policies authorize the channel. Default `false`. */
  private?: boolean;
  /**
   * Returns a key for a message of a server that assigns no ids: a message whose key was seen before is dropped.
   * Default: none; repeated messages of such a server are delivered again.
   */
  dedupKey?: (message: unknown) => string;
  /** Called when the channel fails, or one of its frames is rejected. */
  onError?: (error: RealtimeError) => void;
  /** Called when messages were lost. */
  onGap?: (gap: Gap) => void;
}
