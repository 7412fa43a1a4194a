/**
 * The interface of a client library for the scenarios: what all of them support.
 *
 * An adapter implements it with one library. It uses the library as its documentation describes, with the given
 * transport, and adds nothing: what the library does not do itself, the adapter does not do either.
 */
import type { WebSocketTransport } from './tap.js';

/** The reply to a push or a join. */
export interface Answer {
  status: 'ok' | 'error' | 'timeout';
  /** The payload of the answer, where the library exposes it. */
  response?: unknown;
}

/** The library's status of a channel. */
export type ChannelState = 'joined' | 'errored' | 'closed' | 'timed out';

/** A filter for database changes. */
export interface ChangesBinding {
  event: '*' | 'INSERT' | 'UPDATE' | 'DELETE';
  schema: string;
  table?: string;
  filter?: string;
}

/** A database change, in realtime-js's shape. */
export interface Change {
  eventType: string;
  table: string;
  new: Record<string, unknown>;
  old: Record<string, unknown>;
}

/** How a channel is joined: params with Phoenix, realtime-js's `config` with Supabase. */
export type JoinConfig = Record<string, unknown>;

/** The present members, by key: their metas without refs. */
export type Present = Record<string, Record<string, unknown>[]>;

export interface PeerChannel {
  /** Events of the channel with Phoenix, of broadcasts with Supabase. */
  on(event: string, callback: (payload: unknown) => void): void;
  /** Supabase only. */
  onChanges(binding: ChangesBinding, callback: (change: Change) => void): void;
  /** Supabase's `system` messages. */
  onSystem(callback: (message: { status: string; message: string }) => void): void;
  /** Called when members join or leave. To be called before joining. */
  onPresence(callback: () => void): void;
  onState(callback: (state: ChannelState) => void): void;
  /** Joins; resolves with the first reply, even if the library keeps retrying. */
  join(): Promise<Answer>;
  /** Supabase only: `timeoutMs`. */
  push(event: string, payload: unknown, timeoutMs?: number): Promise<Answer>;
  track(meta: Record<string, unknown>, timeoutMs?: number): Promise<Answer>;
  untrack(): Promise<Answer>;
  present(): Present;
  leave(): Promise<Answer>;
}

/** One client with one socket. */
export interface Peer {
  channel(topic: string, config?: JoinConfig): PeerChannel;
  isConnected(): boolean;
  /** Replaces the token. Supabase only. */
  setToken(token: string): Promise<void>;
  /** Closes it; no timer or socket remains. */
  close(): Promise<void>;
}

export interface PeerOptions {
  /** The server's origin, such as `http://host:port`. */
  origin: string;
  transport: WebSocketTransport;
  vsn: '1.0.0' | '2.0.0';
  /** Supabase's `apikey`, or Phoenix's token. Default: none. */
  token?: string;
  heartbeatMs: number;
  /** The timeout of the reply to a push or a join. */
  timeoutMs: number;
}

/** Intended differences between libraries. */
export interface Traits {
  /** `on('postgres_changes', …)` after joining. */
  lateChanges: 'throws' | 'rejoins';
  /** After `phx_close` for a policy: an expired token, too many messages. */
  afterPolicyClose: 'stays closed' | 'joins again';
}

export interface Adapter {
  name: string;
  traits: Traits;
  open(options: PeerOptions): Peer;
}
