/** The types of the lazy client. Times are in milliseconds; points in time are those of `Date.now()`. */
import type { LegacyState, Metrics, Unsubscribe } from '../../index.js';

/** A message as handlers receive it, with its envelope. */
export interface LazyMessage {
  /** The sender's own `type` if the message had one, else that of the native protocol's messages. */
  type: string;
  channel: string;
  [field: string]: unknown;
}

/** Receives each message of a channel. An error it throws does not affect other handlers. */
export type LazyHandler = (message: LazyMessage) => void;

/** What {@link LazyClient.getMetrics} returns. */
export interface LazyMetrics
  extends Pick<
    Metrics,
    | 'connectTime'
    | 'disconnectTime'
    | 'totalUptime'
    | 'currentUptime'
    | 'connectionAttempts'
    | 'successfulConnections'
    | 'errors'
    | 'isConnected'
  > {
  /** Active subscriptions of this client. */
  subscriberCount: number;
  /** The number of their channels. */
  channelCount: number;
}

/** The names of the states. */
export const LAZY_STATES = {
  DISCONNECTED: 'disconnected',
  CONNECTING: 'connecting',
  CONNECTED: 'connected',
  AUTHENTICATED: 'authenticated',
  ERROR: 'error',
} as const satisfies Record<string, LegacyState>;

export type LazyStates = typeof LAZY_STATES;

/**
 * The lazy client.
 *
 * @deprecated Use `realtimeClient` of `tidewire`.
 */
export interface LazyClient {
  readonly STATES: LazyStates;
  readonly state: LegacyState;
  /** A local id of the current connection; `null` while none is authenticated. */
  readonly connectionId: string | null;
  readonly isAuthenticated: boolean;
  readonly subscriberCount: number;
  /**
   * Connects. It never rejects.
   *
   * @returns `true` once the socket is open, before the server has checked the token; `false` if the page
   * is hidden, no user is signed in, or the attempt failed. During an attempt: whether the connection
   * is authenticated.
   */
  connect(): Promise<boolean>;
  /** Ends all subscriptions of this client, clears the queue, and closes the connection. */
  disconnect(): void;
  /**
   * Subscribes to a channel. The first subscription opens the connection; it is closed when the last one has been removed for
   * the shared client's `lingerMs`.
   *
   * @param options ignored, as in the original
   * @returns a function that unsubscribes; calling it again does nothing
   * @throws RealtimeError `invalid_argument` if the key is empty
   */
  subscribe(key: string, options?: object | null, handler?: LazyHandler | null): Unsubscribe;
  /**
   * Sends a message: its fields, with the native protocol's `type` of messages unless it has its own, and the channel. It is
   * queued while there is no connection (as many messages as the client's own queue has by default), and does not connect.
   */
  send(key: string, message: object): void;
  getState(): LegacyState;
  isReady(): boolean;
  /** Counters since the page was loaded. */
  getMetrics(): LazyMetrics;
}
