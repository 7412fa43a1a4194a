/** A channel's connection, with the methods of the older manager. */
import type { Channel, Unsubscribe } from '../../index.js';
import { LegacyChannel } from '../channel.js';
import { type LegacyConfig, legacyConfig } from '../index.js';
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

const STATES: Record<Channel['state'], ConnectionState> = {
  joining: 'connecting',
  joined: 'connected',
  ready: 'connected',
  failed: 'error',
  left: 'disconnected',
};

/** What an open channel holds. */
interface Open {
  handle: Channel;
  channel: LegacyChannel;
  ends: Unsubscribe[];
}

/**
 * One channel of the shared client. How it reconnects, and whether it is alive, is the client's matter for all
 * channels alike: the last four arguments are those of before, and change nothing.
 *
 * @deprecated Use `client.channel(name)` of `tidewire`.
 */
export class ConnectionManager extends Listeners<ConnectionEvent> {
  readonly #config: LegacyConfig = legacyConfig();
  readonly #name: string;
  #life: 'usable' | 'destroyed' = 'usable';
  #open: Open | undefined;
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
    this.#name = channelName;
  }

  /**
   * Joins the channel; settled once messages flow. Several callers wait for the same join.
   *
   * @throws Error after `destroy`, or why the channel failed
   */
  async connect(): Promise<void> {
    if (this.#life === 'destroyed') throw Error('ConnectionManager has been destroyed');
    // A channel that has failed, or was left by its own unsubscribe, is joined again.
    if (/failed|left/.test(this.#open?.handle.state ?? '')) this.#leave();
    this.#open ??= this.#join();
    this.#see();
    if (this.#state === 'connected') return;
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
    this.#leave();
    this.#become('disconnected');
  }

  /** Its state. */
  getState(): ConnectionState {
    return this.#state;
  }

  /** Facts about it, as measured. */
  getStats(): ConnectionStats {
    return { ...this.#stats, latency: this.#config.client.getMetrics().rtt.last ?? 0 };
  }

  /** The channel, while there is one. */
  getChannel(): LegacyChannel | null {
    return this.#open?.channel ?? null;
  }

  /** Leaves the channel for good. */
  destroy(): void {
    this.#life = 'destroyed';
    void this.disconnect();
    this.removeAllListeners();
  }

  #leave(): void {
    const open = this.#open;
    this.#open = undefined;
    for (const end of open?.ends ?? []) end();
    open?.handle.release();
  }

  #join(): Open {
    const { client, supabase } = this.#config;
    const handle = client.channel(this.#name, {
      persistent: true,
      onError: () => this.#see(),
      ...(supabase && { presence: true, broadcast: { self: true, ack: false } }),
    });
    const see = (): void => this.#see();
    return {
      handle,
      channel: new LegacyChannel(client, handle),
      ends: [client.on('channel', see), client.on('state', see)],
    };
  }

  #see(): void {
    const { handle } = this.#open ?? {};
    if (!handle) return;
    if (handle.error) this.#stats.lastError = handle.error;
    // A channel does not report the failure of the client.
    const { state, error } = this.#config.client;
    if (state === 'failed' && error) this.#stats.lastError = error;
    this.#become(state === 'failed' ? 'error' : STATES[handle.state]);
  }

  #become(to: ConnectionState): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    if (to === 'connected') {
      const { connectedAt, reconnectAttempts } = this.#stats;
      this.#stats.reconnectAttempts = reconnectAttempts + (connectedAt === undefined ? 0 : 1);
      this.#stats.connectedAt = Date.now();
    }
    if (from === 'connected') this.#stats.disconnectedAt = Date.now();
    this.emit('stateChange', { from, to });
    if (to === 'connected') this.emit('connected');
    if (from === 'connected') this.emit('disconnected');
    if (to === 'error') this.emit('error', this.#stats.lastError);
  }
}
