/** The public types of the client. Times are milliseconds unless a name says otherwise. */
import type { Collection, CollectionOptions } from './collection-types.js';
import type { ChannelOptions, ChannelState, Continuity, Gap, Unsubscribe } from './common-types.js';
import type { RealtimeError } from './errors.js';
import type { ClientOptions } from './options.js';
import type { PostgresChange, PostgresFilter } from './postgres-types.js';
import type { Presence, Typing } from './presence-types.js';
import type { SendOptions, Sent } from './sent.js';
import type { ChannelRegistryStats, ChannelStats, Metrics } from './stats-types.js';

/**
 * Where the connection stands.
 *
 * - `idle`: nothing needs a connection, so there is none
 * - `connecting`: the engine is being loaded, or a socket is being opened
 * - `authenticating`: the socket is open, the server is checking the token
 * - `ready`: messages flow
 * - `reconnecting`: the connection was lost and is being opened again
 * - `paused`: the page is hidden
 * - `offline`: the browser says there is no network
 * - `failed`: it ended for good; see `error`, and call `connect()` to start again
 * - `closed`: `destroy()` was called
 */
export type State =
  | 'idle'
  | 'connecting'
  | 'authenticating'
  | 'ready'
  | 'reconnecting'
  | 'paused'
  | 'offline'
  | 'failed'
  | 'closed';

/** The connection's state under the names of the original client. */
export type LegacyState = 'disconnected' | 'connecting' | 'connected' | 'authenticated' | 'error';

/** How good the connection is, from round trips, their jitter and losses in the last minute. */
export type Quality = 'excellent' | 'good' | 'poor' | 'offline';

/** What is known of a message besides its content. */
export interface MessageMeta {
  /** The channel it came on. */
  channel: string;
  /** The event's name, where messages have one: with the `envelope` feature, with Phoenix and Supabase. */
  event?: string;
  /**
   * What it is if it is no message that somebody sent, whatever its event is called: `change`, of the database;
   * `system`, the server's own (which reaches only a handle's `on`).
   */
  kind?: 'change' | 'system';
  /** The message's id, where the wire has ids. */
  id?: string;
  /** Its position in the channel, where the wire has one. */
  seq?: number;
  /** What `seq` counts within. */
  epoch?: string;
  /** When it was delivered, in milliseconds since 1970 by the local clock. */
  receivedAt: number;
  /** Whether it was missed first and recovered now. */
  recovered: boolean;
  /** Whether this client sent it. */
  own: boolean;
}

/** Gets each message of a channel, in order, in the task in which it becomes deliverable. */
export type MessageCallback<T> = (message: T, meta: MessageMeta) => void;

/** What a view needs of the client. The object stays the same until something in it changed. */
export interface ClientSnapshot {
  /** Where the connection stands. */
  readonly state: State;
  /** How good it is. */
  readonly quality: Quality;
  /** What went wrong last; `null` once the client is ready again. */
  readonly error: RealtimeError | null;
  /** Unsettled sends. */
  readonly queueDepth: number;
}

/** Why and whence a state changed. */
export interface StateChange {
  /** The state before. */
  from: State;
  /** One of the documented reason codes, such as `demand` or `heartbeat_timeout`. */
  reason: string;
  /** What went wrong, if something did. */
  error?: RealtimeError;
}

/** Where a channel stands, as `on('channel')` tells it. */
export interface ChannelStatus {
  /** The channel. */
  channel: string;
  /** Where it stands. */
  state: ChannelState;
  /** Whether it missed something. */
  continuity: Continuity;
  /** One of the documented reason codes, such as `joined` or `connection_down`. */
  reason: string;
  /** Why it failed, if it did. */
  error: RealtimeError | null;
}

/** The events of a client and what their listeners get. */
export interface ClientEvents {
  /** The connection's state changed. */
  state: (state: State, change: StateChange) => void;
  /** The connection's quality changed. */
  quality: (quality: Quality) => void;
  /**
   * Something went wrong: with the connection, a channel, a frame or a callback. Sends fail by their
   * promises. Without a listener it is one warning in the console.
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
   * What was told of messages since the last such event is due to be shown: the first ones after a quiet time at
   * once, the following ones together, `batchMs` after the last such event.
   */
  batch: () => void;
  /** The snapshot changed. */
  change: (snapshot: ClientSnapshot) => void;
}

declare const events: unique symbol;

/** In a {@link ChannelMap}: a channel whose messages are told apart by event. */
export interface Events<E extends object> {
  readonly [events]: E;
}

/** The messages of a channel, by a client's {@link ChannelMap}. */
export type MessageOf<Channels, C extends keyof Channels> =
  Channels[C] extends Events<infer E> ? E[keyof E] : Channels[C];

/** The messages of a channel by event, by a client's {@link ChannelMap}. */
export type EventsOf<Channels, C extends keyof Channels> =
  Channels[C] extends Events<infer E> ? E : Record<string, Channels[C]>;

/** A channel name that a client's map does not know. */
type Unmapped<Channels, C extends string> = C extends keyof Channels ? never : C;

/**
 * One client: one connection, made when first needed and closed when not.
 *
 * `Channels` optionally maps channel names to their messages, or to `Events<…>`:
 *
 * ```ts
 * const client = createRealtimeClient<{
 *   news: Article;
 *   [room: `room:${string}`]: Events<{ said: Line; left: { who: string } }>;
 * }>();
 * ```
 */
export interface RealtimeClient<Channels extends object = {}> {
  /**
   * Subscribes to a channel, connecting if need be.
   *
   * @param callback gets each message; leave it out to keep the channel joined only
   * @returns a function that unsubscribes
   * @throws RealtimeError `invalid_argument`; `channel_limit` if the engine is there to say so, else
   * `options.onError` gets that; `destroyed`
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
   * Sends a message. It needs no subscription, waits while there is no connection, and is serialised
   * now: changing the object later changes nothing.
   *
   * @throws RealtimeError `invalid_argument` if it is not JSON, `destroyed`. All else is reported by
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
   * Opens a collection: the rows that the channel's messages tell of, with changes of one's own shown at
   * once. It counts as a subscriber until it is released.
   *
   * @throws like {@link subscribe}
   */
  collection<T extends object = Record<string, unknown>>(
    channel: string,
    options?: CollectionOptions<T>,
  ): Collection<T>;
  /**
   * Connects, and stays connected without subscribers until {@link disconnect}. Rarely needed.
   *
   * @returns settled when ready, or when it became clear that it will not be: with the connection's
   * error, or `aborted` if `disconnect()` was called first
   */
  connect(): Promise<void>;
  /** Closes the connection until the next `connect()`, `subscribe`, `channel` or `send`. */
  disconnect(): void;
  /** Ends the client for good: its sends fail with `destroyed`, and later calls throw that. */
  destroy(): void;
  /** Changes options. What changed takes effect; the others stay. */
  configure(options: ClientOptions): void;
  /** Gives a new token (sign in, or `null` for sign out) without waiting for `getToken`. */
  setToken(token: string | null): void;
  /** Where the connection stands. */
  readonly state: State;
  /** How good it is. */
  readonly quality: Quality;
  /** What went wrong last; `null` once the client is ready again. */
  readonly error: RealtimeError | null;
  /** The state under the original client's names. */
  getState(): LegacyState;
  /** Whether messages flow. */
  isReady(): boolean;
  /** Counters since the client was made. */
  getMetrics(): Metrics;
  /** The open channels with their counters. */
  getChannelStats(): ChannelRegistryStats;
  /** State, quality, error and queue depth: the same object until one of them changed. */
  getSnapshot(): ClientSnapshot;
  /** Listens to an event of the client. A listener that throws harms no other. */
  on<E extends keyof ClientEvents>(event: E, listener: ClientEvents[E]): Unsubscribe;
}

/** A counted handle to a channel, by `client.channel(name)`. */
export interface Channel<T = unknown, E extends object = Record<string, T>> {
  /** The channel's name. */
  readonly name: string;
  /** Where it stands; `left` once released. */
  readonly state: ChannelState;
  /** Why it failed, if it did. */
  readonly error: RealtimeError | null;
  /** Whether it missed something. */
  readonly continuity: Continuity;
  /**
   * Listens to the messages of one event, or with `'*'` to all. A server's own messages have events of their
   * own, which nobody's messages reach: with Supabase `system` and `postgres_changes`, with Phoenix
   * `phx_join`, `presence_state` and `presence_diff`.
   */
  on(event: '*', callback: MessageCallback<T>): Unsubscribe;
  on<K extends keyof E & string>(event: K, callback: MessageCallback<E[K]>): Unsubscribe;
  /**
   * Supabase: listens to the changes of a table, at any time. The channel's state is `ready` once the
   * database tells of all that is asked for.
   *
   * @throws like {@link RealtimeClient.subscribe}
   */
  on<Row extends object = Record<string, unknown>>(
    event: 'postgres_changes',
    filter: PostgresFilter,
    callback: MessageCallback<PostgresChange<Row>>,
  ): Unsubscribe;
  /**
   * Sends a message. With two arguments or more and a string first, that string is the event's name.
   *
   * @throws RealtimeError `invalid_argument`, `destroyed`
   */
  send<K extends keyof E & string>(event: K, payload: E[K], options?: SendOptions): Sent;
  send(payload: T, options?: SendOptions): Sent;
  /** Who is present. */
  readonly presence: Presence;
  /** Who is typing. */
  readonly typing: Typing;
  /** The channel's counters. */
  stats(): ChannelStats;
  /** Gives the handle back; the channel is left when the last one goes. Calling it again does nothing. */
  release(): void;
}
