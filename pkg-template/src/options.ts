/** The options of a client. Times are in milliseconds. */
import type { AuthMode, SerializerVersion, ServerProtocol } from './generated/types.js';

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

/** A source of the wasm engine, instead of the built-in copy. */
export type WasmSource =
  | string
  | URL
  | Response
  | PromiseLike<Response>
  | WebAssembly.Module
  | BufferSource;

/** All options, each with its default. */
export interface ClientOptions {
  /**
   * The server's address, or a function called before every connection. `http(s):` addresses and
   * paths are accepted too. Phoenix: that of the socket, such as `/socket`. Supabase: the project's.
   * Default: `/ws/realtime` on the page's host, with Phoenix `/socket`.
   */
  url?: string | URL | (() => string | URL | PromiseLike<string | URL>);
  /** The server's protocol. Default `'tidewire'`. */
  protocol?: ServerProtocol;
  /** The version of Phoenix's serializer, which Supabase uses too. Default `'2.0.0'`. */
  vsn?: SerializerVersion;
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
  auth?: AuthMode;
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
  /**
   * The source of the wasm engine, instead of the built-in copy; set it before the first use. If it
   * fails, the built-in copy is used. All clients of the page share one engine.
   */
  wasm?: WasmSource;
}

/** What `getToken` may return. */
export type TokenAnswer = string | null | undefined | { token: string; expiresAt?: number };
