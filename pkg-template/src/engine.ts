/**
 * The boundary between the eager facade and the engine (Rust, `src/api`).
 *
 * Everything that crosses it is a number, a string, or a value the other side only holds.
 * The numbers below are mirrored by `src/api/event.rs`; a test compares the two.
 */

/** What an engine reports, as the first argument of {@link Sink}. */
export const Kind = {
  /** `(State, stateIndex, reason: string, error?: EngineError)` */
  State: 0,
  /** `(Quality, qualityIndex)` */
  Quality: 1,
  /** `(Error, channelId or 0, error: EngineError)`: something worth telling that ended nothing else */
  Error: 2,
  /** `(Message, channelId, payload, event?, id?, seq?, epoch?, flags)`, flags: 1 own, 2 recovered */
  Message: 3,
  /** `(Channel, channelId, channelStateIndex, continuityIndex, error?: EngineError, reason: string)` */
  Channel: 4,
  /** `(Send, sendId, sendStatusIndex, Ack | EngineError | undefined)`; an Ack may be unconfirmed */
  Send: 5,
  /** `(Gap, channelId, { from?: number, to?: number, epoch?: string })` */
  Gap: 6,
  /** `(Queue, depth)`: unsettled sends */
  Queue: 7,
  /** `(Log, levelIndex, event: string, code?: number)`: what was done with a socket */
  Log: 8,
  /** `(AskUrl, socket)`: answer with {@link Engine.answerUrl} */
  AskUrl: 9,
  /** `(AskToken, request)`: answer with {@link Engine.answerToken} */
  AskToken: 10,
} as const;

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
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

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
export const SendFlag = { Ack: 1, Ephemeral: 2 } as const;

/** What {@link Engine.tell} takes, with what its subject is. */
export const Command = {
  /** Want a connection without any channel. */
  Connect: 0,
  /** Want none until something new is wanted. */
  Disconnect: 1,
  /** Close for good: every unsettled send fails with `destroyed`. */
  Destroy: 2,
  /** Take a subscriber (its number) off its channel; unknown numbers are ignored. */
  Unsubscribe: 3,
  /** Give a send (its number) up: it fails with `aborted`. */
  Cancel: 4,
} as const;

/** One engine: one client, one socket. Made by `new module.Engine(options, sink)`. */
export interface Engine {
  /**
   * Takes the merged options anew; `reconnect` if they need a new connection. Throws an EngineError on
   * bad options.
   */
  configure(options: object, reconnect: boolean): void;
  /** The address for a socket and the app's own subprotocols, or (without a `url`) why there is none. */
  answerUrl(socket: number, url: string | undefined, protocols: string[], error?: string): void;
  /** A token with how long it lives from now and whom it names, none, or why asking failed. */
  answerToken(
    request: number,
    token: string | undefined,
    lifetimeMs: number | undefined,
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
   * Queues a message. `text` is its JSON, `id` its wire id, both made by the facade at the call.
   * All that happens to it is reported as `Kind.Send`, failure to queue it included.
   */
  send(
    send: number,
    channel: string,
    text: string,
    id: string,
    event: string | undefined,
    flags: number,
    timeoutMs: number | undefined,
    ttlMs: number | undefined,
  ): void;
  setToken(
    token: string | undefined,
    lifetimeMs: number | undefined,
    subject: string | undefined,
  ): void;
  metrics(): object;
  channelStats(): object[];
  /** Frees the wasm side. Nothing may be called afterwards. */
  free(): void;
}

/** What `import('./core.js')` gives. */
export interface EngineModule {
  Engine: new (options: object, sink: Sink) => Engine;
}
