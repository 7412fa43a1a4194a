/** The options of a client. Times are milliseconds. */

/** One structured log record. Tokens never appear in it. */
export interface LogRecord {
  /** How much it matters. */
  level: 'debug' | 'info' | 'warn' | 'error';
  /** When, in milliseconds since 1970. */
  at?: number;
  /** What happened. */
  event?: string;
  /** What the event is about. */
  [detail: string]: unknown;
}

/** Where the wasm engine may come from instead of the built-in copy. */
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
   * The server's address, or a function asked before every connection. `http(s):` addresses and
   * paths are understood too. Phoenix: that of the socket, such as `/socket`. Supabase: the project's.
   * Default: `/ws/realtime` on the page's host, with Phoenix `/socket`.
   */
  url?: string | URL | (() => string | URL | PromiseLike<string | URL>);
  /** What the server speaks. Default `'tidewire'`. */
  protocol?: 'tidewire' | 'phoenix' | 'supabase';
  /** The version of Phoenix's serializer, on which Supabase is built too. Default `'2.0.0'`. */
  vsn?: '2.0.0' | '1.0.0';
  /** Supabase: the project's public key. It is no secret of the user, and the server wants it in the address. */
  apiKey?: string;
  /**
   * Supabase: whether numbers of database changes that JavaScript would round (`int8`, `numeric`) come as
   * the texts they were sent as. Default `false`, as in realtime-js.
   */
  exactNumbers?: boolean;
  /**
   * Asked for a token before every connection and before the old one expires. `null`: connect
   * without. With `expiresAt` (milliseconds since 1970) the token need not be a JWT. Default: none.
   */
  getToken?: () => TokenAnswer | PromiseLike<TokenAnswer>;
  /**
   * How the token travels: as a subprotocol and in the first frame (`'both'`), in one of the two, or
   * `'none'`: no exchange at all, ready when open. Default `'both'`.
   */
  auth?: 'both' | 'message' | 'subprotocol' | 'none';
  /** Query parameters added to the address. Never put a token here. */
  params?: Record<string, string | number | boolean>;
  /** Further WebSocket subprotocols to offer. */
  protocols?: string[];
  /** Time for one attempt to be open and authenticated. Default 10 000. */
  connectTimeoutMs?: number;
  /** Pings: every `everyMs` (default 30 000), answered within `timeoutMs` (default 10 000). `false`: none. */
  heartbeat?: { everyMs?: number; timeoutMs?: number } | false;
  /**
   * The wait before an attempt is random between 0 and `baseMs`·2ⁿ (default 250), at most `maxMs`
   * (default 30 000), and less while an outage is young: each of `caps` holds until the outage is
   * `untilMs` old (default 2 000 until 30 000, 5 000 until 120 000); none is taken as less than `baseMs`.
   * An outage lasts, and n grows, until a connection lasts `resetMs` (default 5 000). The same goes for
   * joining a channel again. Gives up after `maxAttempts` failures in a row (default: never).
   */
  reconnect?: {
    baseMs?: number;
    maxMs?: number;
    caps?: readonly { untilMs?: number; maxMs: number }[];
    resetMs?: number;
    maxAttempts?: number;
  };
  /** Last subscriber gone → channel left; last channel left → socket closed. Default 1 000. */
  lingerMs?: number;
  /** How long `persistent` channels stay joined while idle. Default 1 800 000 (30 minutes). */
  idleChannelTtlMs?: number;
  /**
   * Channels open at once. At the cap the least recently used idle one goes; if none is idle the new
   * one fails with `channel_limit`. Default 50.
   */
  maxChannels?: number;
  /**
   * Close the connection `pauseAfterMs` after the page is hidden (default 5 000). `false`: never. A page
   * that is frozen, or put away and kept, closes it at once; resumed in the background it connects again
   * only where that may last. A page that ends keeps it to the end.
   */
  visibility?: { pauseAfterMs?: number | false } | false;
  /**
   * Message ids remembered in each channel, where the server gives ids: what was delivered before is
   * dropped. 0: none. Default 1 024.
   */
  dedup?: number;
  /**
   * Messages held in each channel while an earlier one is missing and asked for, where the server counts
   * them. Default 256.
   */
  reorder?: number;
  /** How long what is shown is gathered: collections, presence, typing, what hooks show. Callbacks never wait. Default 100. */
  batchMs?: number;
  /**
   * Who uses the client. When it changes, unsettled sends fail with `identity_changed`, and rows,
   * presence, pending changes and positions of the former user are gone: in the same task where the token
   * itself says so (another `sub`, or none after one), else when the server names the user, as for opaque
   * tokens. Default: the user the server names, or the token's `sub`. Given, it alone decides.
   */
  identity?: string;
  /**
   * Unsettled sends held: `maxMessages` (default 1 000) of `maxBytes` of UTF-8 together (default 8 388 608).
   * Beyond that the new one fails with `queue_full`; one that is larger by itself with `message_too_large`.
   * `ttlMs`: how long one may wait (default: for ever).
   */
  queue?: { maxMessages?: number; maxBytes?: number; ttlMs?: number };
  /**
   * Largest frame taken, in bytes of UTF-8 (inflated, where compressed), default 16 777 216: a larger one is lost
   * alone (`invalid_frame`, and `gap` where its channel is known). Also the largest frame sent, unless the server
   * announces a limit of its own: a larger message fails with `message_too_large`.
   */
  maxFrameBytes?: number;
  /**
   * Time an acknowledgement may take, and time a send waits for its channel, each on an open connection.
   * Default 10 000.
   */
  ackTimeoutMs?: number;
  /** Time a join may take. Default 10 000. */
  joinTimeoutMs?: number;
  /** Time the probe after a wake may go unanswered. Default max(1 500, 4 × round trip). */
  probeTimeoutMs?: number;
  /**
   * When the token is renewed: at `percent` of its life (default 80), never oftener than every
   * `minIntervalMs` (default 30 000).
   */
  refresh?: { percent?: number; minIntervalMs?: number };
  /** Joins under way at once, channels in use first; with Phoenix once it refused one for a limit. Default 25. */
  rejoin?: number;
  /**
   * Log transitions with their reasons, and errors with message, hint and cause, to the console under
   * `[tidewire]`. Default `false`.
   */
  debug?: boolean;
  /**
   * Gets the log records instead of the console; `false`: nothing is printed. Default: none, and an error
   * that nobody listens for is printed as one warning a code and channel.
   */
  logger?: ((record: LogRecord) => void) | false;
  /**
   * Where the engine comes from instead of the built-in copy; give it before the first use. If this
   * fails, the built-in copy is used. One engine serves all clients of the page.
   */
  wasm?: WasmSource;
}

/** What `getToken` may answer. */
export type TokenAnswer = string | null | undefined | { token: string; expiresAt?: number };
