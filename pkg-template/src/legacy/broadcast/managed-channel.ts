/** A channel that carries envelopes, with the methods of the older manager's. */
import type { Channel, RealtimeClient, Unsubscribe } from '../../index.js';
import { LegacyChannel } from '../channel.js';
import { legacyConfig } from '../index.js';
import { callSafely, type Listener, Listeners, throwLater } from '../listeners.js';
import type { BroadcastMessage } from './envelope.js';

/** Which channel, and how. */
export interface ChannelConfig {
  /** Its name. */
  name: string;
  /** Supabase: whether it knows who is present. Default `false`. */
  presence?: boolean;
  /** Whether `send` waits for the server's acknowledgement. Default `false`. */
  ack?: boolean;
  /** Whether own messages are received. Default `false`. */
  selfBroadcast?: boolean;
}

/** The state of a channel. */
export interface ChannelState {
  /** Whether messages flow now. */
  isConnected: boolean;
  /** Whether the channel is joined. */
  isSubscribed: boolean;
  /** Whether it is being joined. */
  isSubscribing: boolean;
  /** Why it failed. */
  error?: Error;
}

/** What an open channel holds. */
interface Open {
  client: RealtimeClient;
  handle: Channel;
  end: Unsubscribe;
}

/** Called with one message. */
export type MessageHandler<T = unknown> = (message: BroadcastMessage<T>) => void;

/**
 * Counted: who subscribes has it until they unsubscribe, and the last one leaves it. It joins again by itself
 * after whatever interrupted it.
 *
 * @deprecated Use `client.channel(name)` of `tidewire`.
 */
export class ManagedChannel {
  readonly name: string;
  #config: Required<Omit<ChannelConfig, 'name'>>;
  #open: Open | undefined;
  #subscribers = 0;
  readonly #handlers = new Map<string, Set<MessageHandler<never>>>();
  readonly #errors = new Set<(error: Error) => void>();
  readonly #changes = new Listeners<'change'>();

  constructor({ name, presence = false, ack = false, selfBroadcast = false }: ChannelConfig) {
    this.name = name;
    this.#config = { presence, ack, selfBroadcast };
  }

  /** Merges the options of another user of the channel. */
  configure({ presence, ack, selfBroadcast }: ChannelConfig): void {
    const before = this.#config;
    this.#config = {
      presence: before.presence || !!presence,
      ack: before.ack || !!ack,
      selfBroadcast: before.selfBroadcast || !!selfBroadcast,
    };
    const isSame = JSON.stringify(before) === JSON.stringify(this.#config);
    if (!this.#open || isSame) return;
    // The new one is opened before the old one is released, so that the channel is not left.
    const former = this.#open;
    this.#open = this.#join();
    former.end();
    former.handle.release();
  }

  /** Joins the channel; settled once it is joined, or it became clear that it will not be. */
  subscribe(): Promise<void> {
    this.#subscribers += 1;
    // A channel that has failed, or was left by its own unsubscribe, is joined again.
    if (/failed|left/.test(this.#open?.handle.state ?? '')) this.#leave();
    this.#open ??= this.#join();
    const joined = new Promise<void>((resolve, reject) => {
      const end = this.onChange(() => look());
      const look = (): void => {
        const { isSubscribed, isSubscribing, error } = this.getState();
        if (isSubscribing && !error) return;
        end();
        if (error && !isSubscribed) reject(error);
        else resolve();
      };
      look();
    });
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

  /** Leaves the channel for all of its users. */
  close(): void {
    this.#subscribers = 0;
    this.#handlers.clear();
    this.#errors.clear();
    this.#leave();
    this.#changes.emit('change');
  }

  /**
   * Sends. During an interruption it waits for the end of it.
   *
   * @throws Error "Channel is not connected" without a subscription, "Failed to send message: …"
   */
  async send(message: BroadcastMessage): Promise<void> {
    if (!this.#open) throw Error('Channel is not connected');
    try {
      await this.#open.handle.send(message.type, message, { ack: this.#config.ack }).acked;
    } catch (error) {
      throw Error(`Failed to send message: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Listens to the messages of a type. */
  on<T = unknown>(type: string, handler: MessageHandler<T>): Unsubscribe {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  /** Listens to failures of the channel and errors thrown by handlers. */
  onError(handler: (error: Error) => void): Unsubscribe {
    this.#errors.add(handler);
    return () => this.#errors.delete(handler);
  }

  /** Listens to changes of its state. */
  onChange(listener: Listener): Unsubscribe {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  /** Returns its state. */
  getState(): ChannelState {
    const { client, handle } = this.#open ?? {};
    const isIn = handle?.state === 'joined' || handle?.state === 'ready';
    const error = handle?.error ?? (client?.state === 'failed' ? client.error : null);
    return {
      isConnected: isIn && client?.isReady() === true,
      isSubscribed: isIn,
      isSubscribing: handle?.state === 'joining',
      ...(error && { error }),
    };
  }

  /** The channel with Supabase's methods; joined, if it was not. */
  async getSupabaseChannel(): Promise<LegacyChannel> {
    this.#open ??= this.#join();
    const { client, handle } = this.#open;
    return new LegacyChannel(client, handle);
  }

  #leave(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.end();
    open?.handle.release();
  }

  #join(): Open {
    const { client, supabase } = legacyConfig();
    const { presence, ack, selfBroadcast } = this.#config;
    const handle = client.channel(this.name, {
      onError: (error) => this.#failed(error),
      ...(supabase && { presence, broadcast: { ack, self: selfBroadcast } }),
    });
    handle.on('*', (message, { own }) => {
      if (!own || this.#config.selfBroadcast) this.#dispatch(message as BroadcastMessage);
    });
    const see = (): void => void this.#changes.emit('change');
    const ends = [
      client.on('channel', ({ channel }) => channel === this.name && see()),
      client.on('state', see),
    ];
    return {
      client,
      handle,
      end: () => {
        for (const end of ends) end();
      },
    };
  }

  #dispatch(message: BroadcastMessage): void {
    for (const handler of [...(this.#handlers.get(message?.type) ?? [])]) {
      try {
        (handler as MessageHandler)(message);
      } catch (error) {
        if (!this.#errors.size) throwLater(error);
        this.#failed(error as Error);
      }
    }
  }

  #failed(error: Error): void {
    for (const handler of [...this.#errors]) callSafely(handler, error);
    this.#changes.emit('change');
  }
}
