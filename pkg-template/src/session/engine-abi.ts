/**
 * The boundary between the eager facade and the engine (Rust, `src/engine`).
 *
 * Everything that crosses it is a number, a string, or an opaque value.
 * The numbers below are mirrored by `src/engine/sink.rs`; a test compares the two.
 */

import type { TokenAnswer } from '../options.js';

/** The kinds of an engine's reports: the first argument of {@link Sink}. */
export enum Kind {
  /** `(State, stateIndex, reason: string, error?: EngineError)` */
  State = 0,
  /** `(Quality, qualityIndex)` */
  Quality = 1,
  /** `(Error, channelId or 0, error: EngineError)`: an error that is not part of another report */
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
  /** `(Log, levelIndex, event: string, code?: number)`: an action on a socket */
  Log = 8,
  /** `(AskUrl, socket, defaultPath: string)`: answer with {@link Engine.answerUrl} */
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
   * `(Change, channelId, payload, event, id?, receivers: number[])`: a database change, for the
   * subscribers (their ids) whose filter it matches
   */
  Change = 17,
  /** `(Batch)`: views should be updated for the messages received since the last one */
  Batch = 18,
  /**
   * `(System, channelId, payload, event: string, receiver: number)`: a message of the server itself, for the
   * subscriber with this id, or with 0 for all
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
/** The index after the last stands for the app's function. */
export const CONFLICTS = ['server-wins', 'client-wins', 'last-write-wins', 'merge'] as const;
export const PRESENCE_EVENTS = ['sync', 'join', 'update', 'leave'] as const;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The kinds of a collection's requests to the app. */
export enum Question {
  /** The stored rows: {@link Engine.answerLoad}. */
  Load = 0,
  /** To store `a`: `{ kind, key, row?, mutation }`. Answer: the stored row, if known. */
  Persist = 1,
  /** To resolve a conflict of `a` (local), `b` (remote) and `c` (base). Answer: a row. */
  Resolve = 2,
  /** The key of `a`, a row. Answer: a string. */
  Key = 3,
}

/** A change of one key's presence. `sync`, without a key, precedes the changes that a new state brings. */
export interface PresenceReport {
  /** Index of {@link PRESENCE_EVENTS}. */
  kind: number;
  key: string;
  /** All metas of the key now. */
  metas: object[];
  /** The metas that joined, left or were updated. */
  changed: object[];
}

/** The options of a collection that the engine uses. */
export interface EngineCollectionOptions {
  /** The key's field; `undefined`: the engine requests each key. */
  key?: string | undefined;
  loads: boolean;
  persists: boolean;
  /** Names of inserts, updates and removals. */
  events: string[];
  /** Index of {@link CONFLICTS}; after the last: the engine requests each resolution. */
  conflict: number;
  version?: string | undefined;
  limit?: number | undefined;
  /** The identities of the app's functions, as numbers. */
  functions: number[];
}

/** An error of the engine; the facade makes a `RealtimeError` of it. */
export interface EngineError {
  code: string;
  message: string;
  hint: string;
  retryable: boolean;
  channel?: string;
  cause?: unknown;
}

/** Called by the engine with its reports, never while it is borrowed: calling back into it is allowed. */
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

/** The commands of {@link Engine.tell}, each with its subject. */
export enum Command {
  /** Connect, and stay connected without any channel. */
  Connect = 0,
  /** Disconnect until there is new demand. */
  Disconnect = 1,
  /** Destroy: every unsettled send fails with `destroyed`. */
  Destroy = 2,
  /** Remove a subscriber (its id) from its channel; unknown ids are ignored. */
  Unsubscribe = 3,
  /** Cancel a send (its id): it fails with `aborted`. */
  Cancel = 4,
  /** Close a collection (its id), and its subscription with it: pending changes fail with `aborted`. */
  CloseCollection = 5,
  /** Load a collection again. */
  Reload = 6,
}

/** An engine: one client, one socket. Made by `new module.Engine(options, sink)`. */
export interface Engine {
  /**
   * Replaces the options by the merged ones; `reconnect` if they need a new connection. Throws an EngineError on
   * invalid options.
   */
  configure(options: object, reconnect: boolean): void;
  /** Answers `AskUrl`: the app's address, parsed, and its own subprotocols; or the error. */
  answerUrl(socket: number, url: URL | undefined, protocols: string[], error?: string): void;
  /** Answers `AskToken`: what `getToken` returned, or its error. */
  answerToken(request: number, given: TokenAnswer, error?: string): void;
  /** The user that such a token names, if it does. */
  subjectOf(given: TokenAnswer): string | undefined;
  /**
   * Adds a subscriber (its id is made by the facade and never reused) to a channel; returns the channel's id.
   * Ids are never reused: a channel left and joined again has another one. Throws an EngineError (`channel_limit`).
   */
  subscribe(subscriber: number, channel: string, options?: object): number;
  /** Runs a {@link Command}. */
  tell(command: number, subject: number): void;
  /**
   * Queues a message. `payload` is its JSON or its bytes, `id` its wire id, both made by the facade at the call.
   * Every change of its status is reported as `Kind.Send`, failure to queue it included.
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
   * Opens a collection, with a subscriber of its own (both ids are made by the facade); returns the
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
   * Returns the initial state that such a collection would have, as the arguments of `Kind.Collection`; `undefined`:
   * none is open or lingers with these options.
   */
  peekCollection(
    channel: string,
    channelOptions: object | undefined,
    options: EngineCollectionOptions,
  ): unknown[] | undefined;
  /**
   * Changes a collection by one of {@link CHANGES}. `text` is the row's or patch's JSON, `id` the wire id.
   * Every change of its status is reported as `Kind.Mutation`.
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
   * Tracks (action 0), updates (1) or untracks (2) this client's presence. Every change of its status is reported
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
  /** Answers `AskInflate`: the text; in an array: the beginning of one that is too large; `undefined`: invalid. */
  answerInflate(request: number, text: string | [string] | undefined): void;
  setToken(token: TokenAnswer): void;
  metrics(): object;
  channelStats(): object[];
  /** Frees the engine's memory. Nothing may be called afterwards. */
  free(): void;
}

/** The module `tidewire-glue`. */
export interface EngineModule {
  Engine: new (options: object, sink: Sink) => Engine;
}
