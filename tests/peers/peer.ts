/**
 * The interface of a client library for the scenarios: what all of them support.
 *
 * An adapter puts a library behind this. It is to use the library as its documentation describes, with
 * the transport it is given, and to add nothing: what the library does not do by itself, an
 * adapter does not do for it.
 */
import type { WebSocketTransport } from './tap.js';

/** How a push or a join was answered. */
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

/** Who is present, by key: the metas without refs. */
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
  /** Joins; the first answer, even if the library keeps retrying. */
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
  /** The server's, as `http://host:port`. */
  origin: string;
  transport: WebSocketTransport;
  vsn: '1.0.0' | '2.0.0';
  /** Supabase's `apikey`, or Phoenix's token; without one Phoenix gets none. */
  token?: string;
  heartbeatMs: number;
  /** How long a push or join waits for its answer. */
  timeoutMs: number;
}

/** Where libraries are known to differ on purpose. */
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
