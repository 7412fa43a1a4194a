/** The types of the lazy client. Times are milliseconds, as `Date.now()` tells them where they are moments. */
import type { LegacyState, Unsubscribe } from '../../index.js';

/** A message as handlers get it: whole, with what it came in. */
export interface LazyMessage {
  /** The sender's own `type` if the message had one, else `channel_message`. */
  type: string;
  /** The channel it came on. */
  channel: string;
  [field: string]: unknown;
}

/** Gets each message of a channel. What it throws harms no other handler. */
export type LazyHandler = (message: LazyMessage) => void;

/** What {@link LazyClient.getMetrics} returns. */
export interface LazyMetrics {
  /** When the present connection was authenticated; `null` while there is none. */
  connectTime: number | null;
  /** When the last connection ended; `null` before that and while there is one. */
  disconnectTime: number | null;
  /** Time connected, all connections together. */
  totalUptime: number;
  /** Time the present connection has lasted. */
  currentUptime: number;
  /** Attempts to connect. */
  connectionAttempts: number;
  /** Attempts that were authenticated. */
  successfulConnections: number;
  /** Errors, each counted once. */
  errors: number;
  /** Subscriptions made here and not taken back. */
  subscriberCount: number;
  /** The channels they are of. */
  channelCount: number;
  /** Whether the connection is authenticated. */
  isConnected: boolean;
}

/** The names of the states. */
export interface LazyStates {
  readonly DISCONNECTED: 'disconnected';
  readonly CONNECTING: 'connecting';
  readonly CONNECTED: 'connected';
  readonly AUTHENTICATED: 'authenticated';
  readonly ERROR: 'error';
}

/**
 * The lazy client.
 *
 * @deprecated Use `realtimeClient` of `tidewire`.
 */
export interface LazyClient {
  /** The names of the states. */
  readonly STATES: LazyStates;
  /** Where the connection stands. */
  readonly state: LegacyState;
  /** A name for the present connection, made here; `null` while none is authenticated. */
  readonly connectionId: string | null;
  /** Whether the connection is authenticated. */
  readonly isAuthenticated: boolean;
  /** Subscriptions made here and not taken back. */
  readonly subscriberCount: number;
  /**
   * Connects. It never rejects.
   *
   * @returns `true` once the socket is open, which is before the server has judged the token; `false` if the page
   * is hidden, nobody is signed in, or the attempt failed. While an attempt is under way: whether the connection
   * is authenticated.
   */
  connect(): Promise<boolean>;
  /** Ends all subscriptions made here, forgets what waits to be sent, and closes the connection. */
  disconnect(): void;
  /**
   * Subscribes to a channel. The first subscription connects; one second after the last one ends the connection
   * is closed.
   *
   * @param options taken and not used, as ever
   * @returns a function that unsubscribes; calling it again does nothing
   * @throws RealtimeError `invalid_argument` if the key is empty
   */
  subscribe(key: string, options?: object | null, handler?: LazyHandler | null): Unsubscribe;
  /**
   * Sends a message: its fields beside `type: 'channel_message'` and the channel, its own `type` winning. It waits
   * while there is no connection (at most 1,000 messages), and does not connect.
   */
  send(key: string, message: object): void;
  /** Where the connection stands. */
  getState(): LegacyState;
  /** Whether the connection is authenticated. */
  isReady(): boolean;
  /** Counters since the page was loaded. */
  getMetrics(): LazyMetrics;
}
