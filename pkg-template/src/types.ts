/** The public types of the client. Times are in milliseconds unless stated otherwise. */
import type { Collection, CollectionOptions } from './collection-types.js';
import type { ChannelOptions, ChannelState, Continuity, Gap, Unsubscribe } from './common-types.js';
import type { RealtimeError } from './errors.js';
import type { Quality, State } from './generated/types.js';
import type { ClientOptions } from './options.js';
import type { PostgresChange, PostgresFilter } from './postgres-types.js';
import type { Presence, Typing } from './presence-types.js';
import type { SendOptions, Sent } from './sent.js';
import type { ChannelRegistryStats, ChannelStats, Metrics } from './stats-types.js';

export type { Quality, State };

/** The connection's state under the names of the legacy client. */
export type LegacyState = 'disconnected' | 'connecting' | 'connected' | 'authenticated' | 'error';

/** The metadata of a message. */
export interface MessageMeta {
  /** Its channel. */
  channel: string;
  /** The event's name, where messages have one: with the `envelope` feature, with Phoenix and Supabase. */
  event?: string;
  /**
   * Set if no client sent the message, whatever its event's name: `change`: a change of the database;
   * `system`: a message of the server itself, which only a handle's `on` receives.
   */
  kind?: 'change' | 'system';
  /** The message's id, where the protocol has ids. */
  id?: string;
  /** Its position in the channel, where the protocol has positions. */
  seq?: number;
  /** The epoch of `seq`: positions of different epochs cannot be compared. */
  epoch?: string;
  /** When it was delivered, in milliseconds since 1970 by the local clock. */
  receivedAt: number;
  /** Whether it was missed during an interruption and recovered afterwards. */
  recovered: boolean;
  /** Whether this client sent it. */
  own: boolean;
}

/** Receives each message of a channel, in order, in the task in which it becomes deliverable. */
export type MessageCallback<T> = (message: T, meta: MessageMeta) => void;

/** The client's state for views. The object stays the same until something in it changes. */
export interface ClientSnapshot {
  /** The state of the connection. */
  readonly state: State;
  /** The quality of the connection. */
  readonly quality: Quality;
  /** The last error; `null` once the client is ready again. */
  readonly error: RealtimeError | null;
  /** Unsettled sends. */
  readonly queueDepth: number;
}

/** A change of state. */
export interface StateChange {
  /** The state before. */
  from: State;
  /** One of the documented reason codes, such as `demand` or `heartbeat_timeout`. */
  reason: string;
  /** The error, if there was one. */
  error?: RealtimeError;
}

/** The status of a channel, as `on('channel')` reports it. */
export interface ChannelStatus {
  /** The channel. */
  channel: string;
  /** Its state. */
  state: ChannelState;
  /** Whether it missed messages. */
  continuity: Continuity;
  /** One of the documented reason codes, such as `joined` or `connection_down`. */
  reason: string;
  /** Why it failed, if it did. */
  error: RealtimeError | null;
}

/** The events of a client and the arguments of their listeners. */
export interface ClientEvents {
  /** The connection's state changed. */
  state: (state: State, change: StateChange) => void;
  /** The connection's quality changed. */
  quality: (quality: Quality) => void;
  /**
   * An error of the connection, a channel, a frame or a callback. A failed send rejects its own promise
   * instead. Without a listener the error is printed as one warning in the console.
   */
  error: (error: RealtimeError) => void;
  /** A message of any channel was delivered. */
  message: (message: unknown, meta: MessageMeta) => void;
  /** A channel's state or continuity changed. */
  channel: (status: ChannelStatus) => void;
  /** Messages of a channel were lost. */
  gap: (gap: Gap) => void;
  /** The number of unsettled sends changed. */
  queue: (depth: number) => void;
  /**
   * Views should be updated for the messages received since the last such event. It is emitted at once for the first
   * message after a quiet time, then at most every `batchMs`.
   */
  batch: () => void;
  /** The snapshot changed. */
  change: (snapshot: ClientSnapshot) => void;
}

declare const events: unique symbol;

/** In the `Channels` of a {@link RealtimeClient}: a channel whose messages have a type for each event. */
export interface Events<E extends object> {
  readonly [events]: E;
}

/** The type of a channel's messages, from the `Channels` of a {@link RealtimeClient}. */
export type MessageOf<Channels, C extends keyof Channels> =
  Channels[C] extends Events<infer E> ? E[keyof E] : Channels[C];

/** The types of a channel's messages by event, from the `Channels` of a {@link RealtimeClient}. */
export type EventsOf<Channels, C extends keyof Channels> =
  Channels[C] extends Events<infer E> ? E : Record<string, Channels[C]>;

/** A channel name that is not in the `Channels` of a client. */
type Unmapped<Channels, C extends string> = C extends keyof Channels ? never : C;

/**
 * A client: one connection, opened when it is first needed and closed when it is not.
 *
 * `Channels` optionally maps channel names to their messages, or to `Events<…>`:
 *
 * ```ts
 * const client = createRealtimeClient<{
 *   news: Article;
 *   [room: `room:${string}`]: Events<{ message: ChatMessage; left: { who: string } }>;
 * }>();
 * ```
 */
export interface RealtimeClient<Channels extends object = {}> {
  /**
   * Subscribes to a channel; connects if necessary.
   *
   * @param callback receives each message; leave it out to only keep the channel joined
   * @returns a function that unsubscribes
   * @throws RealtimeError `invalid_argument`; `destroyed`; `channel_limit` if the engine is loaded (otherwise
   * `options.onError` is called with it)
   */
  subscribe<C extends keyof Channels & string>(
    channel: C,
    options: ChannelOptions | undefined,
    callback?: MessageCallback<MessageOf<Channels, C>> | null,
  ): Unsubscribe;
  subscribe<T = unknown, C extends string = string>(
    channel: C & Unmapped<Channels, C>,
    options: ChannelOptions | undefined,
    callback?: MessageCallback<T> | null,
  ): Unsubscribe;
  /**
   * Opens a handle to a channel. It counts as a subscriber until it is released.
   *
   * @throws like {@link subscribe}
   */
  channel<C extends keyof Channels & string>(
    name: C,
    options?: ChannelOptions,
  ): Channel<MessageOf<Channels, C>, EventsOf<Channels, C>>;
  channel<T = unknown, C extends string = string>(
    name: C & Unmapped<Channels, C>,
    options?: ChannelOptions,
  ): Channel<T>;
  /**
   * Sends a message. It needs no subscription, is queued while there is no connection, and is serialised
   * at the call: changing the object later has no effect.
   *
   * @throws RealtimeError `invalid_argument` if it is not JSON, `destroyed`. All other errors are reported by
   * the returned object.
   */
  send<C extends keyof Channels & string>(
    channel: C,
    message: MessageOf<Channels, C>,
    options?: SendOptions,
  ): Sent;
  send<C extends string>(
    channel: C & Unmapped<Channels, C>,
    message: unknown,
    options?: SendOptions,
  ): Sent;
  /**
   * Opens a collection: the rows that the channel's messages describe, with optimistic local changes.
   * It counts as a subscriber until it is released.
   *
   * @throws like {@link subscribe}
   */
  collection<T extends object = Record<string, unknown>>(
    channel: string,
    options?: CollectionOptions<T>,
  ): Collection<T>;
  /**
   * Connects, and stays connected even without subscribers until {@link disconnect}. Rarely needed.
   *
   * @returns a promise that resolves when the client is ready, and rejects with the connection's error if it fails, or
   * `aborted` if `disconnect()` was called first
   */
  connect(): Promise<void>;
  /** Closes the connection until the next `connect()`, `subscribe`, `channel` or `send`. */
  disconnect(): void;
  /** Destroys the client permanently: its sends fail with `destroyed`, and later calls throw `destroyed`. */
  destroy(): void;
  /** Changes the given options; the others stay. */
  configure(options: ClientOptions): void;
  /** Sets a new token (sign in, or `null` for sign out) without waiting for `getToken`. */
  setToken(token: string | null): void;
  /** The state of the connection. */
  readonly state: State;
  /** The quality of the connection. */
  readonly quality: Quality;
  /** The last error; `null` once the client is ready again. */
  readonly error: RealtimeError | null;
  /** The state under the names of the legacy client. */
  getState(): LegacyState;
  /** Whether the state is `ready`. */
  isReady(): boolean;
  /** Counters since the client was made. */
  getMetrics(): Metrics;
  /** The open channels with their counters. */
  getChannelStats(): ChannelRegistryStats;
  /** State, quality, error and queue depth: the same object until one of them changes. */
  getSnapshot(): ClientSnapshot;
  /** Listens to an event of the client. A listener that throws does not affect the others. */
  on<E extends keyof ClientEvents>(event: E, listener: ClientEvents[E]): Unsubscribe;
}

/** A reference-counted handle to a channel, from `client.channel(name)`. */
export interface Channel<T = unknown, E extends object = Record<string, T>> {
  /** The channel's name. */
  readonly name: string;
  /** Its state; `left` once released. */
  readonly state: ChannelState;
  /** Why it failed, if it did. */
  readonly error: RealtimeError | null;
  /** Whether it missed messages. */
  readonly continuity: Continuity;
  /**
   * Listens to the messages of one event, or with `'*'` to all. Some events are only for messages of the server
   * itself: with Supabase `system` and `postgres_changes`, with Phoenix
   * `phx_join`, `presence_state` and `presence_diff`.
   */
  on(event: '*', callback: MessageCallback<T>): Unsubscribe;
  on<K extends keyof E & string>(event: K, callback: MessageCallback<E[K]>): Unsubscribe;
  /**
   * Supabase: listens to the changes of a table, at any time. The channel's state is `ready` once the
   * server has confirmed all requested changes.
   *
   * @throws like {@link RealtimeClient.subscribe}
   */
  on<Row extends object = Record<string, unknown>>(
    event: 'postgres_changes',
    filter: PostgresFilter,
    callback: MessageCallback<PostgresChange<Row>>,
  ): Unsubscribe;
  /**
   * Sends a message. With two or more arguments of which the first is a string, that is the event's name.
   *
   * @throws RealtimeError `invalid_argument`, `destroyed`
   */
  send<K extends keyof E & string>(event: K, payload: E[K], options?: SendOptions): Sent;
  send(payload: T, options?: SendOptions): Sent;
  /** The presence of the channel. */
  readonly presence: Presence;
  /** The typing members of the channel. */
  readonly typing: Typing;
  /** The channel's counters. */
  stats(): ChannelStats;
  /** Releases the handle; the channel is left when its last one is released. Calling it again does nothing. */
  release(): void;
}
