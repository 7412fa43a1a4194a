/**
 * The boundary between the eager facade and the engine (Rust, `src/engine`).
 *
 * Everything that crosses it is a number, a string, or a value the other side only holds.
 * The numbers below are mirrored by `src/engine/sink.rs`; a test compares the two.
 */

/** What an engine reports, as the first argument of {@link Sink}. */
export enum Kind {
  /** `(State, stateIndex, reason: string, error?: EngineError)` */
  State = 0,
  /** `(Quality, qualityIndex)` */
  Quality = 1,
  /** `(Error, channelId or 0, error: EngineError)`: something worth telling that ended nothing else */
  Error = 2,
  /** `(Message, channelId, payload, event?, id?, seq?, epoch?, flags)`, flags: 1 own, 2 recovered */
  Message = 3,
  /** `(Channel, channelId, channelStateIndex, continuityIndex, error?: EngineError, reason: string)` */
  Channel = 4,
  /** `(Send, sendId, sendStatusIndex, Ack | EngineError | undefined)`; an Ack may be unconfirmed */
  Send = 5,
  /** `(Gap, channelId, { from?: number, to?: number, epoch?: string })` */
  Gap = 6,
  /** `(Queue, depth)`: unsettled sends */
  Queue = 7,
  /** `(Log, levelIndex, event: string, code?: number)`: what was done with a socket */
  Log = 8,
  /** `(AskUrl, socket)`: answer with {@link Engine.answerUrl} */
  AskUrl = 9,
  /** `(AskToken, request)`: answer with {@link Engine.answerToken} */
  AskToken = 10,
  /** `(Collection, collection, rows: unknown[], keys: string[], pending: number[], pendingKeys: string[], statusIndex, error?: EngineError)` */
  Collection = 11,
  /** `(Mutation, mutation, sendStatusIndex, { confirmed, row? } | EngineError | undefined)` */
  Mutation = 12,
  /** `(Ask, collection, request, questionIndex, a?, b?, c?)`: answer with {@link Engine.answer} and its like */
  Ask = 13,
  /** `(Presence, channelId, PresenceReport[])` */
  Presence = 14,
  /** `(Typing, channelId, names: string[])` */
  Typing = 15,
  /** `(AskInflate, request, bytes: ArrayBuffer, maxBytes)`: answer with {@link Engine.answerInflate} */
  AskInflate = 16,
  /**
   * `(Change, channelId, payload, event, id?, receivers: number[])`: a change of a database, for the
   * subscribers (their numbers) that asked for it
   */
  Change = 17,
  /** `(Batch)`: what was told of messages is due to be shown */
  Batch = 18,
  /**
   * `(System, channelId, payload, event: string, receiver: number)`: a message of the server's own, for the
   * subscriber of this number, or with 0 for all
   */
  System = 19,
}

/** Index → name, in the engine's order. */
export const STATES = [
  'idle',
  'connecting',
  'authenticating',
  'ready',
  'reconnecting',
  'paused',
  'offline',
  'failed',
  'closed',
] as const;
export const QUALITIES = ['excellent', 'good', 'poor', 'offline'] as const;
export const CHANNEL_STATES = ['joining', 'joined', 'ready', 'failed', 'left'] as const;
export const CONTINUITIES = ['fresh', 'recovered', 'gap', 'unknown'] as const;
export const SEND_STATUSES = ['queued', 'sent', 'acked', 'failed'] as const;
export const COLLECTION_STATUSES = ['loading', 'live'] as const;
/** The actions of {@link Engine.mutate}. */
export const CHANGES = ['insert', 'update', 'delete'] as const;
/** One more stands for the app's own function. */
export const CONFLICTS = ['server-wins', 'client-wins', 'last-write-wins', 'merge'] as const;
export const PRESENCE_EVENTS = ['sync', 'join', 'update', 'leave'] as const;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** What a collection asks of the app. */
export enum Question {
  /** The stored rows: {@link Engine.answerLoad}. */
  Load = 0,
  /** To store `a`: `{ kind, key, row?, mutation }`. Answer: the stored row, if known. */
  Persist = 1,
  /** What shows of `a` (local), `b` (remote) and `c` (base). Answer: a row. */
  Resolve = 2,
  /** The key of `a`, a row. Answer: a string. */
  Key = 3,
}

/** What changed of the presence of one key. `sync`, of no key, precedes what a new state changed. */
export interface PresenceReport {
  /** Index of {@link PRESENCE_EVENTS}. */
  kind: number;
  key: string;
  /** All that holds for the key now. */
  metas: object[];
  /** What came, went or is new. */
  changed: object[];
}

/** The options of a collection that concern the engine. */
export interface EngineCollectionOptions {
  /** The key's field; none: it is asked for. */
  key?: string | undefined;
  loads: boolean;
  persists: boolean;
  /** Names of inserts, updates and removals. */
  events: string[];
  /** Index of {@link CONFLICTS}; beyond the last: it is asked for. */
  conflict: number;
  version?: string | undefined;
  limit?: number | undefined;
  /** The app's functions, as numbers: the same number is the same function. */
  functions: number[];
}

/** An error as the engine describes it; the facade makes a `RealtimeError` of it. */
export interface EngineError {
  code: string;
  message: string;
  hint: string;
  retryable: boolean;
  channel?: string;
  cause?: unknown;
}

/** Called by the engine, never while it is borrowed: calling back into it is allowed. */
// biome-ignore-start lint/suspicious/noExplicitAny: the arguments depend on the kind; see Kind.
export type Sink = (
  kind: number,
  subject: number,
  a?: any,
  b?: any,
  c?: any,
  d?: any,
  e?: any,
  f?: any,
) => void;
// biome-ignore-end lint/suspicious/noExplicitAny: to here.

/** Bits of the `flags` of {@link Engine.send}. */
export enum SendFlag {
  Ack = 1,
  Ephemeral = 2,
}

/** What {@link Engine.tell} takes, with what its subject is. */
export enum Command {
  /** Want a connection without any channel. */
  Connect = 0,
  /** Want none until something new is wanted. */
  Disconnect = 1,
  /** Close for good: every unsettled send fails with `destroyed`. */
  Destroy = 2,
  /** Take a subscriber (its number) off its channel; unknown numbers are ignored. */
  Unsubscribe = 3,
  /** Give a send (its number) up: it fails with `aborted`. */
  Cancel = 4,
  /** Close a collection (its number), and its subscription with it: what is pending fails with `aborted`. */
  CloseCollection = 5,
  /** Load a collection anew. */
  Reload = 6,
}

/** One engine: one client, one socket. Made by `new module.Engine(options, sink)`. */
export interface Engine {
  /**
   * Takes the merged options anew; `reconnect` if they need a new connection. Throws an EngineError on
   * bad options.
   */
  configure(options: object, reconnect: boolean): void;
  /** The address for a socket and the app's own subprotocols, or (without a `url`) why there is none. */
  answerUrl(socket: number, url: string | undefined, protocols: string[], error?: string): void;
  /** A token with what is known of its life and whom it names, none, or why asking failed. */
  answerToken(
    request: number,
    token: string | undefined,
    claimedMs: number | undefined,
    leftMs: number | undefined,
    subject: string | undefined,
    error?: string,
  ): void;
  /**
   * Adds a subscriber (its number is the facade's, never reused) to a channel; returns the channel's id.
   * Ids are never reused: a channel left and taken again has another one. Throws an EngineError (`channel_limit`).
   */
  subscribe(subscriber: number, channel: string, options?: object): number;
  /** Does one of {@link Command}. */
  tell(command: number, subject: number): void;
  /**
   * Queues a message. `payload` is its JSON or its bytes, `id` its wire id, both made by the facade at the call.
   * All that happens to it is reported as `Kind.Send`, failure to queue it included.
   */
  send(
    send: number,
    channel: string,
    payload: string | ArrayBuffer,
    id: string,
    event: string | undefined,
    flags: number,
    timeoutMs: number | undefined,
    ttlMs: number | undefined,
  ): void;
  /**
   * Opens a collection, with a subscriber of its own (both numbers are the facade's); returns the
   * channel's id. Throws an EngineError.
   */
  openCollection(
    collection: number,
    subscriber: number,
    channel: string,
    channelOptions: object | undefined,
    options: EngineCollectionOptions,
  ): number;
  /**
   * What whoever opens such a collection would be shown at once, as the arguments of `Kind.Collection`; none:
   * nothing is open or lingers with these options.
   */
  peekCollection(
    channel: string,
    channelOptions: object | undefined,
    options: EngineCollectionOptions,
  ): unknown[] | undefined;
  /**
   * Changes a collection by one of {@link CHANGES}. `text` is the row's or patch's JSON, `id` the wire id.
   * All that becomes of it is reported as `Kind.Mutation`.
   */
  mutate(
    collection: number,
    mutation: number,
    id: string,
    change: number,
    key: string | undefined,
    text: string | undefined,
  ): void;
  answerLoad(
    collection: number,
    request: number,
    rows: unknown[],
    epoch: string | undefined,
    seq: number | undefined,
  ): void;
  answer(collection: number, request: number, question: number, value: unknown): void;
  answerFailed(
    collection: number,
    request: number,
    code: string | undefined,
    message: string,
  ): void;
  /**
   * Tracks (action 0), updates (1) or untracks (2) this client's presence. What becomes of it is reported
   * as `Kind.Send`.
   */
  presence(
    send: number,
    channel: string,
    action: number,
    key: string | undefined,
    text: string | undefined,
  ): void;
  typing(channel: string, typing: boolean): void;
  /** The inflated text; in an array: its beginning, of one that is too large; none: it is broken. */
  answerInflate(request: number, text: string | [string] | undefined): void;
  setToken(
    token: string | undefined,
    claimedMs: number | undefined,
    leftMs: number | undefined,
    subject: string | undefined,
  ): void;
  metrics(): object;
  channelStats(): object[];
  /** Frees the wasm side. Nothing may be called afterwards. */
  free(): void;
}

/** What `import('tidewire-glue')` gives. */
export interface EngineModule {
  Engine: new (options: object, sink: Sink) => Engine;
}
