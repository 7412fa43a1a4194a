/** A channel whose messages are envelopes, with the methods of the legacy manager's channels. */
import type { ChannelOptions, Unsubscribe } from '../../index.js';
import { isJoined, type LegacyChannel } from '../channel.js';
import { legacyConfig } from '../index.js';
import { JoinedChannel } from '../joined-channel.js';
import { ListenerList, throwLater } from '../listeners.js';
import { until } from '../until.js';
import type { BroadcastMessage } from './envelope.js';

export interface ChannelConfig {
  name: string;
  /** Supabase: whether the channel has presence. Default `false`. */
  presence?: boolean;
  /** Whether `send` waits for the server's acknowledgement. Default `false`. */
  ack?: boolean;
  /** Whether own messages are received. Default `false`. */
  selfBroadcast?: boolean;
}

export interface ChannelState {
  /** Whether messages are received now. */
  isConnected: boolean;
  isSubscribed: boolean;
  isSubscribing: boolean;
  error?: Error;
}

export type MessageHandler<T = unknown> = (message: BroadcastMessage<T>) => void;

/**
 * A reference-counted channel: it is joined by the first `subscribe` and left by the last `unsubscribe`. After every
 * interruption it is joined again automatically.
 *
 * @deprecated Use `client.channel(name)` of `tidewire`.
 */
export class ManagedChannel {
  readonly name: string;
  readonly #handlers = new Map<string, Set<MessageHandler<never>>>();
  readonly #listeners = new ListenerList();
  #errors = new ListenerList<[error: Error]>();
  #config = { presence: false, ack: false, selfBroadcast: false };
  #joined: JoinedChannel | undefined;
  #subscribers = 0;

  constructor(config: ChannelConfig) {
    this.name = config.name;
    this.configure(config);
  }

  /** Merges the options of another user of the channel. */
  configure({ presence, ack, selfBroadcast }: ChannelConfig): void {
    const before = this.#config;
    this.#config = {
      presence: before.presence || !!presence,
      ack: before.ack || !!ack,
      selfBroadcast: before.selfBroadcast || !!selfBroadcast,
    };
    const former = this.#joined;
    if (!former || JSON.stringify(before) === JSON.stringify(this.#config)) return;
    // Joined with the new options before the old handle is released, so that the channel is not left in between.
    this.#joined = this.#join();
    former.leave();
  }

  /** Joins the channel. The promise resolves once it is joined, and rejects if that fails. */
  subscribe(): Promise<void> {
    this.#subscribers += 1;
    if (this.#joined?.isOver) this.#leave();
    this.#joined ??= this.#join();
    const isSettled = (): boolean => {
      const { isSubscribed, isSubscribing, error } = this.getState();
      if (error && !isSubscribed) throw error;
      return !isSubscribing;
    };
    const joined = until(isSettled, (listener) => this.onChange(listener));
    // The promise may be left unhandled: `getState` and `onError` report the same error.
    joined.catch(() => {});
    return joined;
  }

  /** Releases the channel. With the last subscription the channel is left and all handlers are removed. */
  async unsubscribe(): Promise<void> {
    if (!this.#subscribers) return;
    this.#subscribers -= 1;
    if (!this.#subscribers) this.close();
  }

  close(): void {
    this.#subscribers = 0;
    this.#handlers.clear();
    this.#errors = new ListenerList();
    this.#leave();
    this.#listeners.emit();
  }

  /**
   * Sends a message. During an interruption it is queued.
   *
   * @throws Error "Channel is not connected" without a subscription, "Failed to send message: …"
   */
  async send(message: BroadcastMessage): Promise<void> {
    if (!this.#joined) throw Error('Channel is not connected');
    try {
      await this.#joined.handle.send(message.type, message, { ack: this.#config.ack }).acked;
    } catch (error) {
      throw Error(`Failed to send message: ${(error as Error).message}`, { cause: error });
    }
  }

  on<T = unknown>(type: string, handler: MessageHandler<T>): Unsubscribe {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /** Listens to failures of the channel and errors thrown by handlers. */
  onError(handler: (error: Error) => void): Unsubscribe {
    return this.#errors.add(handler);
  }

  onChange(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  getState(): ChannelState {
    const { client, handle, error } = this.#joined ?? {};
    const isSubscribed = handle !== undefined && isJoined(handle);
    return {
      isConnected: isSubscribed && client?.isReady() === true,
      isSubscribed,
      isSubscribing: handle?.state === 'joining',
      ...(error && { error }),
    };
  }

  /** Returns the channel with Supabase's methods; joins it if necessary. */
  async getSupabaseChannel(): Promise<LegacyChannel> {
    this.#joined ??= this.#join();
    return this.#joined.channel;
  }

  /** Returns the options with which the channel is joined, for other subscribers of the same channel. */
  joinOptions(): ChannelOptions | undefined {
    const { presence, ack, selfBroadcast } = this.#config;
    return legacyConfig().supabase && { presence, broadcast: { ack, self: selfBroadcast } };
  }

  #leave(): void {
    this.#joined?.leave();
    this.#joined = undefined;
  }

  #join(): JoinedChannel {
    const onError = (error: Error): void => this.#failed(error);
    const options = { onError, ...this.joinOptions() };
    const joined = new JoinedChannel(this.name, options, () => this.#listeners.emit());
    joined.handle.on('*', (message, { own }) => {
      if (!own || this.#config.selfBroadcast) this.#dispatch(message as BroadcastMessage);
    });
    return joined;
  }

  #failed(error: Error): void {
    this.#errors.emit(error);
    this.#listeners.emit();
  }

  #dispatch(message: BroadcastMessage): void {
    for (const handler of [...(this.#handlers.get(message?.type) ?? [])]) {
      try {
        (handler as MessageHandler)(message);
      } catch (error) {
        if (!this.#errors.count) throwLater(error);
        this.#failed(error as Error);
      }
    }
  }
}

export interface SessionStatus {
  readonly isLoading: boolean;
  /** Whether messages are received now. */
  readonly isConnected: boolean;
  readonly error: Error | null;
}

export function statusOf(
  channel: ManagedChannel,
  tables: readonly Pick<SessionStatus, 'isLoading' | 'error'>[],
): SessionStatus {
  const { isConnected, error: channelError } = channel.getState();
  const error = channelError ?? tables.find((table) => table.error)?.error ?? null;
  return { isConnected, error, isLoading: !error && tables.some((table) => table.isLoading) };
}
