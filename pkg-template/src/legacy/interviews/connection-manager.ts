/** A channel's connection, with the methods of the older manager. */
import type { LegacyChannel } from '../channel.js';
import { legacyConfig } from '../index.js';
import { type ChannelState, JoinedChannel } from '../joined-channel.js';
import { Listeners } from '../listeners.js';

import type { ConnectionState } from './types.js';

/** Facts about a connection. Times are milliseconds since 1970. */
export interface ConnectionStats {
  /** When it was last made. */
  connectedAt?: number;
  /** When it last ended. */
  disconnectedAt?: number;
  /** How often it was made again. */
  reconnectAttempts: number;
  /** The last error. */
  lastError?: Error;
  /** The last round trip, in milliseconds; 0 before the first. */
  latency: number;
}

/** The events of a {@link ConnectionManager}. */
export type ConnectionEvent = 'stateChange' | 'connected' | 'disconnected' | 'error';

/** A join that failed for now is tried again; a client that has failed is not. */
function stateOf({ isSubscribed, isSubscribing, error }: ChannelState): ConnectionState {
  if (legacyConfig().client.state === 'failed') return 'error';
  if (isSubscribed) return 'connected';
  if (isSubscribing) return 'connecting';
  return error ? 'error' : 'disconnected';
}

/**
 * One channel of the shared client. How it reconnects, and whether it is alive, is the client's matter for all
 * channels alike: the last four arguments are those of before, and change nothing.
 *
 * @deprecated Use `client.channel(name)` of `tidewire`.
 */
export class ConnectionManager extends Listeners<ConnectionEvent> {
  readonly #channel: JoinedChannel;
  #life: 'usable' | 'destroyed' = 'usable';
  #state: ConnectionState = 'disconnected';
  #stats: Omit<ConnectionStats, 'latency'> = { reconnectAttempts: 0 };

  constructor(
    channelName: string,
    _maxReconnectAttempts = 5,
    _reconnectDelay = 1000,
    _heartbeatInterval = 30000,
    _enableAutoReconnect = true,
  ) {
    super();
    const config = { name: channelName, presence: true, selfBroadcast: true };
    this.#channel = new JoinedChannel(config, { persistent: true });
    this.#channel.onChange(() => this.#follow());
  }

  /**
   * Joins the channel; settled once messages flow. Several callers wait for the same join.
   *
   * @throws Error after `destroy`, or why the channel failed
   */
  async connect(): Promise<void> {
    if (this.#life === 'destroyed') throw Error('ConnectionManager has been destroyed');
    void this.#channel.subscribe();
    this.#follow();
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (this.#state === 'connecting') return;
        this.off('stateChange', look);
        if (this.#state === 'connected') resolve();
        else reject(this.#stats.lastError ?? Error('The channel was left.'));
      };
      this.on('stateChange', look);
      look();
    });
  }

  /** Leaves the channel. */
  async disconnect(): Promise<void> {
    this.#channel.close();
  }

  /** Its state. */
  getState(): ConnectionState {
    return this.#state;
  }

  /** Facts about it, as measured. */
  getStats(): ConnectionStats {
    return { ...this.#stats, latency: legacyConfig().client.getMetrics().rtt.last ?? 0 };
  }

  /** The channel, while there is one. */
  getChannel(): LegacyChannel | null {
    return this.#channel.channel;
  }

  /** Leaves the channel for good. */
  destroy(): void {
    this.#life = 'destroyed';
    void this.disconnect();
    this.removeAllListeners();
  }

  #follow(): void {
    const from = this.#state;
    const state = this.#channel.getState();
    if (state.error) this.#stats.lastError = state.error;
    const to = stateOf(state);
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
