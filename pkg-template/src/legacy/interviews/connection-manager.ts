/** A channel's connection, with the methods of the legacy manager. */
import type { Channel } from '../../index.js';
import type { LegacyChannel } from '../channel.js';
import { legacyConfig } from '../index.js';
import { JoinedChannel } from '../joined-channel.js';
import { Listeners } from '../listeners.js';
import { until } from '../until.js';
import type { ConnectionState } from './types.js';

/** The statistics of a connection. Points in time are in milliseconds since 1970. */
export interface ConnectionStats {
  /** When it was last opened. */
  connectedAt?: number;
  /** When it was last closed. */
  disconnectedAt?: number;
  /** The number of reconnects. */
  reconnectAttempts: number;
  lastError?: Error;
  /** The last round trip, in milliseconds; 0 before the first. */
  latency: number;
}

/** The events of a {@link ConnectionManager}. */
export type ConnectionEvent = 'stateChange' | 'connected' | 'disconnected' | 'error';

const CHANNEL_STATUSES: Record<Channel['state'], ConnectionState> = {
  joining: 'connecting',
  joined: 'connected',
  ready: 'connected',
  failed: 'error',
  left: 'disconnected',
};

/**
 * One channel of the shared client. The client reconnects and sends heartbeats for all channels, so the last four
 * arguments, kept for compatibility, have no effect.
 *
 * @deprecated Use `client.channel(name)` of `tidewire`.
 */
export class ConnectionManager extends Listeners<ConnectionEvent> {
  readonly #name: string;
  #joined: JoinedChannel | undefined;
  #phase: 'usable' | 'destroyed' = 'usable';
  #state: ConnectionState = 'disconnected';
  #stats: Omit<ConnectionStats, 'latency'> = { reconnectAttempts: 0 };

  constructor(
    channelName: string,
    _maxReconnectAttempts?: number,
    _reconnectDelay?: number,
    _heartbeatInterval?: number,
    _enableAutoReconnect?: boolean,
  ) {
    super();
    this.#name = channelName;
  }

  /**
   * Joins the channel; the promise resolves once messages are received. Concurrent calls share one join.
   *
   * @throws Error after `destroy`, or the error of the channel
   */
  async connect(): Promise<void> {
    if (this.#phase === 'destroyed') throw Error('ConnectionManager has been destroyed');
    if (this.#joined?.isOver) this.#leave();
    this.#joined ??= this.#join();
    this.#follow();
    const isConnected = (): boolean => {
      if (this.#state === 'connecting') return false;
      if (this.#state === 'connected') return true;
      throw this.#stats.lastError ?? Error('The channel was left.');
    };
    await until(isConnected, (listener) => {
      this.on('stateChange', listener);
      return () => this.off('stateChange', listener);
    });
  }

  async disconnect(): Promise<void> {
    this.#leave();
    this.#follow();
  }

  getState(): ConnectionState {
    return this.#state;
  }

  getStats(): ConnectionStats {
    return { ...this.#stats, latency: legacyConfig().client.getMetrics().rtt.last ?? 0 };
  }

  getChannel(): LegacyChannel | null {
    return this.#joined?.channel ?? null;
  }

  /** Leaves the channel permanently. */
  destroy(): void {
    this.#phase = 'destroyed';
    void this.disconnect();
    this.removeAllListeners();
  }

  #leave(): void {
    this.#joined?.leave();
    this.#joined = undefined;
  }

  #join(): JoinedChannel {
    const { supabase } = legacyConfig();
    const options = supabase && { presence: true, broadcast: { self: true, ack: false } };
    return new JoinedChannel(this.#name, { persistent: true, ...options }, () => this.#follow());
  }

  #follow(): void {
    const from = this.#state;
    const { client, handle, error } = this.#joined ?? {};
    if (error) this.#stats.lastError = error;
    const state = client?.state === 'failed' ? 'failed' : (handle?.state ?? 'left');
    const to = CHANNEL_STATUSES[state];
    if (from === to) return;
    this.#state = to;
    if (to === 'connected') {
      if (this.#stats.connectedAt !== undefined) this.#stats.reconnectAttempts += 1;
      this.#stats.connectedAt = Date.now();
    }
    if (from === 'connected') this.#stats.disconnectedAt = Date.now();
    this.emit('stateChange', { from, to });
    if (to === 'connected') this.emit('connected');
    if (from === 'connected') this.emit('disconnected');
    if (to === 'error') this.emit('error', this.#stats.lastError);
  }
}
