/** The public types that several parts of the client share. */
import type { RealtimeError } from './errors.js';
import type { PostgresFilter } from './postgres-types.js';

/** Where one channel stands. `ready`: joined and caught up with everything missed. */
export type ChannelState = 'joining' | 'joined' | 'ready' | 'failed' | 'left';

/**
 * Whether a channel missed something.
 *
 * - `fresh`: joined anew, nothing was missed since
 * - `recovered`: it was interrupted, and everything missed was delivered
 * - `gap`: messages were lost; reload what was built from them
 * - `unknown`: it was interrupted, and this server cannot tell
 */
export type Continuity = 'fresh' | 'recovered' | 'gap' | 'unknown';

/** Takes the callback or handle back. Calling it again does nothing. */
export type Unsubscribe = () => void;

/** Messages of a channel that are lost for this client. */
export interface Gap {
  /** The channel. */
  channel: string;
  /** First lost position, if known. */
  from?: number;
  /** Last lost position, if known. */
  to?: number;
  /** What the positions count within. */
  epoch?: string;
}

/** How to take part in a channel. */
export interface ChannelOptions {
  /** Keep the channel joined while it has no subscriber, for `idleTtlMs`. Default `false`. */
  persistent?: boolean;
  /** How long an idle persistent channel stays joined. Default: the client's `idleChannelTtlMs`. */
  idleTtlMs?: number;
  /**
   * Handed to the server when joining: with Phoenix the payload of the join. All that have the channel at a
   * time need the same: others are an `invalid_argument`.
   */
  params?: object;
  /**
   * Supabase: `ack`: the server confirms broadcasts; `self`: one's own come back; `replay`: stored ones since a
   * time (milliseconds since 1970) come first, on private channels.
   */
  broadcast?: { ack?: boolean; self?: boolean; replay?: { since: number; limit?: number } };
  /**
   * Supabase: whether the channel knows who is present, and by which key this client is known there.
   * Default: from the first use of a handle's `presence` on.
   */
  presence?: boolean | { key?: string };
  /** Supabase: which changes of the database come too, with `meta.kind` `'change'`. */
  postgresChanges?: readonly PostgresFilter[];
  /** Supabase: whether the database's policies decide who may take part. Default `false`. */
  private?: boolean;
  /**
   * What tells messages apart that the server gives no ids: one whose key was there before is dropped.
   * Default: none, and such a server's repeated messages are delivered again.
   */
  dedupKey?: (message: unknown) => string;
  /** Told when the channel fails, or a frame of it is refused. */
  onError?: (error: RealtimeError) => void;
  /** Told when messages were lost. */
  onGap?: (gap: Gap) => void;
}
