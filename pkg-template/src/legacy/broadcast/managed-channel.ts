/** A channel that carries envelopes, with the methods of the older manager's. */
import type { ChannelOptions, Unsubscribe } from '../../index.js';
import { isJoined, type LegacyChannel } from '../channel.js';
import { legacyConfig } from '../index.js';
import { JoinedChannel } from '../joined-channel.js';
import { ListenerList, throwLater } from '../listeners.js';
import { until } from '../until.js';
import type { BroadcastMessage } from './envelope.js';

export interface ChannelConfig {
  name: string;
  /** Supabase: whether it knows who is present. Default `false`. */
  presence?: boolean;
  /** Whether `send` waits for the server's acknowledgement. Default `false`. */
  ack?: boolean;
  /** Whether own messages are received. Default `false`. */
  selfBroadcast?: boolean;
}

export interface ChannelState {
  /** Whether messages flow now. */
  isConnected: boolean;
  isSubscribed: boolean;
  isSubscribing: boolean;
  error?: Error;
}

export type MessageHandler<T = unknown> = (message: BroadcastMessage<T>) => void;

/**
 * Counted: who subscribes has it until they unsubscribe, and the last one leaves it. It joins again by itself
 * after whatever interrupted it.
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
    // The new one is joined before the old one is left, so that the channel is not.
    this.#joined = this.#join();
    former.leave();
  }

  /** Joins the channel; settled once it is joined, or it became clear that it will not be. */
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
    // It may be left unhandled: `getState` and `onError` report the same.
    joined.catch(() => {});
    return joined;
  }

  /** Gives it back. The last one leaves the channel, and all handlers go. */
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
   * Sends. During an interruption it waits for the end of it.
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

  /** The channel with Supabase's methods; joined, if it was not. */
  async getSupabaseChannel(): Promise<LegacyChannel> {
    this.#joined ??= this.#join();
    return this.#joined.channel;
  }

  /** Returns the options with which its channel is joined, for others who open it too. */
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
  /** Whether messages flow now. */
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
