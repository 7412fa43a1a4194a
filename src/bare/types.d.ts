// The types of the bare module: those of the npm package, except for members that only the package has. `wasm-bindgen`
// copies them into `tidewire.d.ts`, beside the classes. A test compares them with the package's.

/** Every code a {@link RealtimeError} can have. */
export type ErrorCode =
  | 'connect_refused'
  | 'connect_timeout'
  | 'connection_lost'
  | 'heartbeat_timeout'
  | 'token_failed'
  | 'url_failed'
  | 'auth_denied'
  | 'server_error'
  | 'gave_up'
  | 'invalid_frame'
  | 'channel_limit'
  | 'join_timeout'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'limit'
  | 'rate_limited'
  | 'invalid'
  | 'internal'
  | 'channel_closed'
  | 'expired'
  | 'ack_timeout'
  | 'unconfirmed'
  | 'rejected'
  | 'not_connected'
  | 'message_too_large'
  | 'invalid_message'
  | 'identity_changed'
  | 'unsupported'
  | 'dependency_failed'
  | 'load_failed'
  | 'invalid_argument'
  | 'queue_full'
  | 'aborted'
  | 'destroyed'
  /** A callback or listener threw an error, which is the `cause`. */
  | 'callback_failed';

/** An error of the client. `code` is stable; `message` and `hint` are for display and may change. */
export interface RealtimeError extends Error {
  readonly name: 'RealtimeError';
  /** The kind of error. */
  readonly code: ErrorCode;
  /** What a developer can do about it. */
  readonly hint: string;
  /** The channel it concerns, if any. */
  readonly channel: string | undefined;
  /** Whether a retry can succeed. */
  readonly retryable: boolean;
  /** The error that caused it, if known. */
  readonly cause: unknown;
}

/** A channel's state. `ready`: joined, and everything missed has been delivered. */
export type ChannelState = 'joining' | 'joined' | 'ready' | 'failed' | 'left';

/**
 * Whether a channel missed messages.
 *
 * - `fresh`: newly joined, nothing was missed since
 * - `recovered`: it was interrupted, and everything missed was delivered
 * - `gap`: messages were lost; reload whatever was built from them
 * - `unknown`: it was interrupted, and this server does not report whether messages were lost
 */
export type Continuity = 'fresh' | 'recovered' | 'gap' | 'unknown';

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

/** A structured log record. Tokens never appear in it. */
export interface LogRecord {
  /** Its severity. */
  level: 'debug' | 'info' | 'warn' | 'error';
  /** The time, in milliseconds since 1970. */
  at?: number;
  /** What happened. */
  event?: string;
  /** Details of the event. */
  [detail: string]: unknown;
}

/** All options, each with its default. */
export interface ClientOptions {
  /**
   * The server's address, or a function called before every connection. `http(s):` addresses and
   * paths are accepted too. Phoenix: that of the socket, such as `/socket`. Supabase: the project's.
   * Default: `/ws/realtime` on the page's host, with Phoenix `/socket`.
   */
  url?: string | URL | (() => string | URL | PromiseLike<string | URL>);
  /** The server's protocol. Default `'tidewire'`. */
  protocol?: 'tidewire' | 'phoenix' | 'supabase';
  /** The version of Phoenix's serializer, which Supabase uses too. Default `'2.0.0'`. */
  vsn?: '2.0.0' | '1.0.0';
  /** Supabase: the project's public key. It is not a secret; the server requires it in the address. */
  apiKey?: string;
  /**
   * Supabase: whether numbers of database changes that JavaScript would round (`int8`, `numeric`) are delivered
   * as the text that was sent. Default `false`, as in realtime-js.
   */
  exactNumbers?: boolean;
  /**
   * Returns the token. It is called before every connection and before the old token expires. `null`: connect
   * without a token. With `expiresAt` (milliseconds since 1970) the token need not be a JWT. Default: none.
   */
  getToken?: () => TokenAnswer | PromiseLike<TokenAnswer>;
  /**
   * How the token is sent: as a subprotocol and in the first frame (`'both'`), in one of the two, or
   * `'none'`: no authentication, ready when open. Default `'both'`.
   */
  auth?: 'both' | 'message' | 'subprotocol' | 'none';
  /** Query parameters added to the address. Never put a token here. */
  params?: Record<string, string | number | boolean>;
  /** Further WebSocket subprotocols to offer. */
  protocols?: string[];
  /** The time limit of one connection attempt, until it is open and authenticated. Default 10 000. */
  connectTimeoutMs?: number;
  /** Pings: one is sent every `everyMs` (default 30 000) and must be answered within `timeoutMs` (default 10 000). `false`: none. */
  heartbeat?: { everyMs?: number; timeoutMs?: number } | false;
  /**
   * The wait before an attempt is random between 0 and `baseMs`·2ⁿ (default 250), at most `maxMs`
   * (default 30 000), and less at the beginning of an outage: each of `caps` applies until the outage is
   * `untilMs` old (default 2 000 until 30 000, 5 000 until 120 000); a cap below `baseMs` counts as `baseMs`.
   * An outage lasts, and n grows, until a connection lasts `resetMs` (default 5 000). The same applies to
   * joining a channel again. Gives up after `maxAttempts` failures in a row (default: never).
   */
  reconnect?: {
    baseMs?: number;
    maxMs?: number;
    caps?: readonly { untilMs?: number; maxMs: number }[];
    resetMs?: number;
    maxAttempts?: number;
  };
  /**
   * How long a channel stays joined after its last subscriber is removed, and the socket stays open after the last
   * channel is left. Default 1 000.
   */
  lingerMs?: number;
  /** How long `persistent` channels stay joined while idle. Default 1 800 000 (30 minutes). */
  idleChannelTtlMs?: number;
  /**
   * The maximum number of open channels. At the limit the least recently used idle one is left; if none is idle the new
   * one fails with `channel_limit`. Default 50.
   */
  maxChannels?: number;
  /**
   * Close the connection `pauseAfterMs` after the page is hidden (default 5 000). `false`: never. When the browser
   * freezes the page or moves it to the back/forward cache, the connection is closed at once; when the page is resumed
   * in the background, it is opened again only if `pauseAfterMs` leaves time for it. Unloading the page does not close
   * it early.
   */
  visibility?: { pauseAfterMs?: number | false } | false;
  /**
   * How many message ids are remembered in each channel, where the server assigns ids: a message that was delivered
   * before is dropped. 0: none. Default 1 024.
   */
  dedup?: number;
  /**
   * How many messages are buffered in each channel while an earlier one is missing and has been requested, where the
   * server numbers them. Default 256.
   */
  reorder?: number;
  /**
   * The shortest time between two updates of views: collections, presence, typing and hooks. Callbacks are not
   * delayed. Default 100.
   */
  batchMs?: number;
  /**
   * The user's identity. When it changes, unsettled sends fail with `identity_changed`, and rows,
   * presence, pending changes and positions of the former user are dropped: in the same task where the token
   * shows the change (another `sub`, or no token after one), else when the server reports the user, as for opaque
   * tokens. Default: the user that the server reports, or the token's `sub`. If given, only this option counts.
   */
  identity?: string;
  /**
   * The limits of unsettled sends: `maxMessages` (default 1 000) of `maxBytes` of UTF-8 together (default 8 388 608).
   * Beyond that a new one fails with `queue_full`; one that is larger by itself with `message_too_large`.
   * `ttlMs`: how long one may wait (default: no limit).
   */
  queue?: { maxMessages?: number; maxBytes?: number; ttlMs?: number };
  /**
   * The largest frame accepted, in bytes of UTF-8 (inflated, where compressed), default 16 777 216: a larger one is dropped
   * (`invalid_frame`, and `gap` where its channel is known). Also the largest frame sent, unless the server
   * announces a limit of its own: a larger message fails with `message_too_large`.
   */
  maxFrameBytes?: number;
  /**
   * The time limit of an acknowledgement, and of a send's wait for its channel, each while the connection is open.
   * Default 10 000.
   */
  ackTimeoutMs?: number;
  /** The time limit of a join. Default 10 000. */
  joinTimeoutMs?: number;
  /** The time limit of the reply to the ping that is sent when the device wakes up. Default max(1 500, 4 × round trip). */
  probeTimeoutMs?: number;
  /**
   * When the token is renewed: at `percent` of its lifetime (default 80), at most once every
   * `minIntervalMs` (default 30 000).
   */
  refresh?: { percent?: number; minIntervalMs?: number };
  /**
   * The maximum number of joins in flight; channels with subscribers are joined first. With Phoenix the limit applies
   * only after the server has rejected a join for a rate limit. Default 25.
   */
  rejoin?: number;
  /**
   * Whether changes of state with their reasons, and errors with message, hint and cause, are logged to the console
   * with the prefix `[tidewire]`. Default `false`.
   */
  debug?: boolean;
  /**
   * Receives the log records instead of the console; `false`: nothing is printed. Default: none; an error
   * without a listener is printed as one warning per code and channel.
   */
  logger?: ((record: LogRecord) => void) | false;
}

/** What `getToken` may return. */
export type TokenAnswer = string | null | undefined | { token: string; expiresAt?: number };

/** Options of a send. */
export interface SendOptions {
  /**
   * Request an acknowledgement, where the server can send one. Default `true`; with Phoenix `false`, since many
   * servers do not reply; with Supabase the channel's `broadcast.ack`.
   */
  ack?: boolean;
  /**
   * The event's name, where messages have one: with the `envelope` feature, with Phoenix and Supabase.
   * Default: none; with these two `'message'`.
   */
  event?: string;
  /**
   * Time from the call until it is settled, whatever it waits for: then it fails with `ack_timeout` if it was
   * written to a socket, else with the channel's error or `expired`. Default: none; the client's `ackTimeoutMs` limits
   * the waits for the channel and for the acknowledgement while there is a connection.
   */
  timeoutMs?: number;
  /** Fail with `expired` if it is still queued after this time. Default: the client's `queue.ttlMs`. */
  ttlMs?: number;
  /** Never queue or repeat it: for typing, cursors and the like. Default `false`. */
  ephemeral?: boolean;
  /** Aborts the send: it fails with `aborted`. */
  signal?: AbortSignal;
}

/** The status of a send. */
export type SentStatus = 'queued' | 'sent' | 'acked' | 'failed';

/** The acknowledgement of a message. */
export interface Ack {
  /** Whether the server acknowledged it; `false`: it has no acks, and the message was written to an open socket. */
  confirmed: boolean;
  /** The message's position in its channel. */
  seq?: number;
  /** The content of the server's reply: with Phoenix its `response`. */
  payload?: unknown;
}

/**
 * A message that was passed to `send`, and the promise of its acknowledgement. The promise is settled once, and may be
 * left unhandled.
 */
export interface Sent extends Promise<Ack> {
  /** Its id on the wire. */
  readonly id: string;
  /** Its status. */
  readonly status: SentStatus;
  /** The same promise, under the name that it has in the npm package. */
  readonly acked: Promise<Ack>;
}

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

/** Which database changes to receive. */
export interface PostgresFilter {
  /** The kind of change. Default `'*'`: all. */
  event?: '*' | 'INSERT' | 'UPDATE' | 'DELETE';
  /** The database schema. Default `'public'`. */
  schema?: string;
  /** The table. Default: all of the schema. */
  table?: string;
  /**
   * Which rows: `column=operator.value`, such as `'id=eq.1'`; several, separated by commas, must all match.
   * A filter builder of realtime-js is accepted too.
   */
  filter?: string | { build(): string };
  /** The columns to receive. Default: all. */
  select?: readonly string[];
}

interface AnyPostgresChange {
  /** The database schema. */
  schema: string;
  /** The table. */
  table: string;
  /** When it was committed, in ISO 8601. */
  commit_timestamp: string;
  /** Errors of the server with this change, such as a value too large to send. */
  errors: string[] | null;
}

/** An inserted row. */
export interface PostgresInsert<Row extends object> extends AnyPostgresChange {
  eventType: 'INSERT';
  /** The row. */
  new: Row;
  old: {};
}

/** An updated row. */
export interface PostgresUpdate<Row extends object> extends AnyPostgresChange {
  eventType: 'UPDATE';
  /** The new row. */
  new: Row;
  /** The columns of the old row that the database sent: its primary key, or more by its replica identity. */
  old: Partial<Row>;
}

/** A deleted row. */
export interface PostgresDelete<Row extends object> extends AnyPostgresChange {
  eventType: 'DELETE';
  new: {};
  /** The columns of the row that the database sent: its primary key, or more by its replica identity. */
  old: Partial<Row>;
}

/** A change of a table, discriminated by `eventType`. */
export type PostgresChange<Row extends object = Record<string, unknown>> =
  | PostgresInsert<Row>
  | PostgresUpdate<Row>
  | PostgresDelete<Row>;

/** The state and counters of one open channel. */
export interface ChannelStats {
  /** The channel's name. */
  key: string;
  /** Its state. */
  state: ChannelState;
  /** Whether it missed messages. */
  continuity: Continuity;
  /** Subscribers and handles. */
  referenceCount: number;
  /** When it was opened, in milliseconds since 1970. */
  createdAt: number;
  /** The time of its last subscription, send or received message, in milliseconds since 1970. */
  lastAccessedAt: number;
  /** Further counters of the engine, such as `messagesReceived`. */
  [counter: string]: unknown;
}

/** What {@link RealtimeClient.getChannelStats} returns. */
export interface ChannelRegistryStats {
  /** The number of open channels. */
  totalChannels: number;
  /** One entry per channel. */
  channels: ChannelStats[];
}

/** Counters since the client was made. */
export interface Metrics {
  /** When the current connection became ready, in milliseconds since 1970. */
  connectTime: number | null;
  /** When the last connection ended, in milliseconds since 1970. */
  disconnectTime: number | null;
  /** The total time in the state `ready`, of all connections. */
  totalUptime: number;
  /** How long the current connection has been ready. */
  currentUptime: number;
  /** Attempts to connect. */
  connectionAttempts: number;
  /** Attempts that became ready. */
  successfulConnections: number;
  /** Connections that replaced a lost one. */
  reconnects: number;
  /** Errors reported. */
  errors: number;
  /** Subscribers and handles now. */
  subscriberCount: number;
  /** Open channels now. */
  channelCount: number;
  /** Whether the client is ready now. */
  isConnected: boolean;
  /** Messages delivered by the server. */
  messagesReceived: number;
  /** Messages written to a socket. */
  messagesSent: number;
  /** Bytes of all frames received. */
  bytesReceived: number;
  /** Bytes of all frames sent. */
  bytesSent: number;
  /** Messages dropped because they had been delivered before. */
  duplicatesDropped: number;
  /** Gaps reported. */
  gaps: number;
  /** Messages recovered after an interruption. */
  recovered: number;
  /** Unsettled sends now. */
  queueDepth: number;
  /** Round-trip times, in milliseconds; `null` before the first. */
  rtt: { last: number | null; p50: number | null; p99: number | null; jitter: number | null };
  /** Frames dropped because they violate the protocol. */
  invalidFrames: number;
}

/** A row's key: a non-empty string, or a safe integer, which is the same key as its decimal text. */
export type RowKey = string | number;

/** A row to insert. The server may assign its `id`. */
export type Draft<T> = Omit<T, 'id'> & Partial<T>;

/** A position in the stream of a channel. */
export interface Position {
  /** The epoch of `seq`: positions of different epochs cannot be compared. */
  epoch: string;
  /** The position of the last message that the rows include. */
  seq: number;
}

/** The stored rows; with their position, no change is applied twice or missed. */
export type Loaded<T> = readonly T[] | { rows: readonly T[]; position?: Position | undefined };

/** One change to be stored. The key of an insert is temporary if the server assigns it. */
export type Change<T> =
  | { kind: 'insert'; key: string; row: Draft<T> }
  | { kind: 'update'; key: string; row: Partial<T> }
  | { kind: 'delete'; key: string };

/** How a conflict is resolved: the value that is shown, and sent again, where the server changed a field of a pending change. */
export type Conflict<T> =
  /** The server's value. */
  | 'server-wins'
  /** The whole local row. */
  | 'client-wins'
  /** Whichever has the greater `version`. */
  | 'last-write-wins'
  /** Field by field: the pending ones are the client's, all others the server's. */
  | 'merge'
  /** What this function returns for the local row, the server's, and their common base. */
  | ((local: T, remote: T, base: T | undefined) => T);

/** How a collection is loaded, stored and sorted, and the options of its channel. */
export interface CollectionOptions<T extends object> extends ChannelOptions {
  /**
   * A row's key: a field, or a function of the row that always returns the same key for the same row.
   * If it returns `undefined` for a row to insert, the server assigns the key. Default `'id'`.
   */
  key?: (keyof T & string) | ((row: T) => RowKey | undefined);
  /**
   * Loads the stored rows: at first, after messages were lost, and at `reload()`. The row objects belong to the
   * collection from then on. They may contain values that JSON can represent, or that have a `toJSON`, such as dates; a
   * row with any other value or without a key is a failure. It is called again with backoff if it fails. Default: none;
   * the collection starts empty and grows by the messages it receives.
   */
  load?: () => Loaded<T> | PromiseLike<Loaded<T>>;
  /**
   * Stores a change by other means than the channel, such as an HTTP request. Pass `mutation` to the
   * server (by convention as the header `Idempotency-Key`), so that it can include it in the message that it publishes,
   * and return the stored row if the server's response contains it. A message without a mutation is recognised by its
   * content: if it equals the row as changed by this client, it counts as that change. A rejection rolls
   * the change back; one with the `code` `'conflict'`, or the HTTP `status` 409, is resolved by
   * {@link conflict}. Default: changes are sent on the channel.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one of these.
  persist?: (change: Change<T>, context: { mutation: string }) => PromiseLike<T | undefined | void>;
  /** The names of the events that carry changes. Default: `insert`, `update` and `delete`. */
  events?: { insert?: string; update?: string; delete?: string };
  /** How a change of the same field by the server is resolved. Default `'server-wins'`. */
  conflict?: Conflict<T>;
  /** The field with a row's version, for `'last-write-wins'` and for servers that check it. */
  version?: keyof T & string;
  /**
   * The order of `items`. Default, and among rows that compare as equal: by key, the same in every tab.
   * Whole numbers come first, by their value (`9` before `10`, also as strings), then other keys by their code
   * points, then rows that have no key yet, in the order in which they were inserted.
   */
  sort?: (a: T, b: T) => number;
  /** The maximum number of rows; beyond it, the rows that were loaded or received first are dropped. Default: none. */
  limit?: number;
}

/** An optimistic change that is not settled. */
export interface PendingChange {
  /** The mutation's id. */
  readonly id: string;
  /** The row's key. */
  readonly key: string;
  /** What it does. */
  readonly kind: Change<unknown>['kind'];
}

/** A mutation's status. `sent` is final where the server cannot confirm. */
export type MutationStatus = 'pending' | 'sent' | 'confirmed' | 'failed';

/** The outcome of a mutation. */
export interface Stored<T> {
  /** Whether the server confirmed it; `false`: it cannot, and the change was written to an open socket. */
  readonly confirmed: boolean;
  /** The stored row, if the server returned it. */
  readonly row?: T;
}

/** A local change. */
export interface Mutation<T> {
  /**
   * Its id: the same on the wire, for `persist`, and in the message that the server publishes. When it is sent again
   * after a conflict it has one more id, which begins with this one and `~`.
   */
  readonly id: string;
  /** Its status. */
  readonly status: MutationStatus;
  /**
   * Settled once: when the change is stored, or with the reason why it was rolled back. It may be left
   * unhandled.
   */
  readonly promise: Promise<Stored<T>>;
}

/** A collection's state for views. The object stays the same until something in it changes. */
export interface CollectionSnapshot<T> {
  /** The rows with the pending changes applied; the same array until one of them changes. */
  readonly items: readonly T[];
  /** Whether the stored rows are being loaded. After a gap the previous rows are shown meanwhile. */
  readonly isLoading: boolean;
  /** Why loading, or the channel, failed; `null` once it has recovered. */
  readonly error: RealtimeError | null;
  /** The changes that are not settled, in the order of the calls. */
  readonly pending: readonly PendingChange[];
  /** Whether the channel missed messages. */
  readonly continuity: Continuity;
}

/**
 * The rows of one channel. Changes are applied at once; once nothing is pending, the rows are the server's.
 * It counts as a subscriber of the channel until it is released.
 */
export interface Collection<T extends object> extends CollectionSnapshot<T> {
  /** The channel's name. */
  readonly channel: string;
  /** The row with this key. */
  get(key: RowKey): T | undefined;
  /** Whether a change of this row is pending. */
  isPending(key: RowKey): boolean;
  /** The state for views: the same object until something in it changes. */
  getSnapshot(): CollectionSnapshot<T>;
  /** Listens to new snapshots. */
  on(event: 'change', listener: (snapshot: CollectionSnapshot<T>) => void): Unsubscribe;
  /**
   * Adds a row. Without a key (the field is missing, or `undefined`) it has a temporary one until the
   * server has assigned its own.
   *
   * @throws RealtimeError `invalid_argument` if it is not a JSON object or its key is invalid, `destroyed`
   */
  insert(row: Draft<T>): Mutation<T>;
  /**
   * Changes some fields of a row. `null` empties a field; `undefined` is an error.
   *
   * @throws RealtimeError `invalid_argument`, `destroyed`
   */
  update(key: RowKey, patch: Partial<T>): Mutation<T>;
  /**
   * Removes a row.
   *
   * @throws RealtimeError `invalid_argument`, `destroyed`
   */
  remove(key: RowKey): Mutation<T>;
  /** Loads the rows again; the current rows are kept until that is done. */
  reload(): void;
  /**
   * Releases the collection. Unless another one with the same options is open, pending changes fail
   * with `aborted`, and after `lingerMs` the rows are dropped. Calling it again does nothing.
   */
  release(): void;
}

/**
 * The state of the connection.
 *
 * - `idle`: nothing needs a connection, so there is none
 * - `connecting`: a socket is being opened
 * - `authenticating`: the socket is open, and the server is checking the token
 * - `ready`: messages can be exchanged
 * - `reconnecting`: the connection was lost and is being opened again
 * - `paused`: the page is hidden
 * - `offline`: the browser reports that there is no network
 * - `failed`: it ended and is not retried; see `error`, and call `connect()` to start again
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

/** The connection's state under the names of the legacy client. */
export type LegacyState = 'disconnected' | 'connecting' | 'connected' | 'authenticated' | 'error';

/** The quality of the connection, from round trips, jitter and losses in the last minute. */
export type Quality = 'excellent' | 'good' | 'poor' | 'offline';

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

/** The methods of a client whose types depend on those of messages and rows. */
export interface RealtimeClient {
  /**
   * Subscribes to a channel; connects if necessary.
   *
   * @param callback receives each message; leave it out to only keep the channel joined
   * @returns a function that unsubscribes
   * @throws RealtimeError `invalid_argument`, `channel_limit`, `destroyed`
   */
  subscribe<T = unknown>(
    channel: string,
    options?: ChannelOptions | null,
    callback?: MessageCallback<T> | null,
  ): Unsubscribe;
  /**
   * Opens a handle to a channel. It counts as a subscriber until it is released.
   *
   * @throws like {@link subscribe}
   */
  channel<T = unknown, E extends object = Record<string, T>>(
    name: string,
    options?: ChannelOptions,
  ): Channel<T, E>;
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

/** The options of a managed channel. */
export interface ManagedChannelOptions {
  /** The channel's name. */
  name: string;
  /** Whether `send` waits for the server's acknowledgement, where it sends one. Default `false`. */
  ack?: boolean;
}

/** The state of a managed channel. */
export interface ManagedChannelState {
  /** Whether the client is ready. */
  isConnected: boolean;
  /** Whether messages of the channel are received. */
  isSubscribed: boolean;
  /** Whether it is being joined. */
  isSubscribing: boolean;
  /** Why it failed, if it did. */
  error: RealtimeError | null;
}
