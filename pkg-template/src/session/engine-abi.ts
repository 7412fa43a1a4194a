/**
 * The shape of the engine (Rust, `src/engine`) and of what crosses the boundary to it: numbers, strings, and opaque values.
 *
 * The numbers and names themselves are in `../generated`, made from `src/abi` by `cargo xtask abi`.
 */
import type { TokenAnswer } from '../options.js';

/** A change of one key's presence. `sync`, without a key, precedes the changes that a new state brings. */
export interface PresenceReport {
  /** A `PresenceKind`. */
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
  /** A `ConflictNumber`; with `Ask` the engine requests each resolution. */
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

/** An engine: one client, one socket. Made by `new module.Engine(options, sink)`. */
export interface Engine {
  /**
   * Replaces the options by the merged ones; `reconnect` if they need a new connection. Throws an EngineError on
   * invalid options.
   */
  configure(options: object, reconnect: boolean): void;
  /** Answers `UrlRequest`: the app's address, parsed, and its own subprotocols; or the error. */
  answerUrl(socket: number, url: URL | undefined, protocols: string[], error?: string): void;
  /** Answers `TokenRequest`: what `getToken` returned, or its error. Returns the user that the token names, if it does. */
  answerToken(request: number, given: TokenAnswer, error?: string): string | undefined;
  /**
   * Adds a subscriber (its id is made by the facade and never reused) to a channel; returns the channel's id.
   * Ids are never reused: a channel left and joined again has another one. Throws an EngineError (`channel_limit`).
   */
  subscribe(subscriber: number, channel: string, options?: object): number;
  /** Runs a `Command`. */
  run(command: number, subject: number): void;
  /**
   * Queues a message. `payload` is its JSON or its bytes, `id` its wire id, both made by the facade at the call.
   * Every change of its status is reported as `Kind.Send`, failure to queue it included. `flags`: `SendFlag`. The times
   * count from the app's call, which was `waitedMs` ago; without `ttlMs` the client's `queue.ttlMs` applies.
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
    waitedMs: number,
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
   * Changes a collection by a `ChangeAction`. `text` is the row's or patch's JSON, `id` the wire id.
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
   * Runs a `PresenceAction`. Every change of its status is reported as `Kind.Send`.
   */
  presence(
    send: number,
    channel: string,
    action: number,
    key: string | undefined,
    text: string | undefined,
  ): void;
  typing(channel: string, typing: boolean): void;
  /** Answers `InflateRequest`: the text; in an array: the beginning of one that is too large; `undefined`: invalid. */
  answerInflate(request: number, text: string | [string] | undefined): void;
  /** Returns the user that the token names, if it does. */
  setToken(token: TokenAnswer): string | undefined;
  metrics(): object;
  channelStats(): object[];
  /** Frees the engine's memory. Nothing may be called afterwards. */
  free(): void;
}

/** The module `tidewire-glue`. */
export interface EngineModule {
  Engine: new (options: object, sink: Sink) => Engine;
}
