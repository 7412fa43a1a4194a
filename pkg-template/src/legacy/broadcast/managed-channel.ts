/** A channel that carries envelopes, with the methods of the older manager's. */
import type { Channel, Unsubscribe } from '../../index.js';
import type { LegacyChannel } from '../channel.js';
import { JoinedChannel } from '../joined-channel.js';
import { callSafely, throwLater } from '../listeners.js';
import type { BroadcastMessage } from './envelope.js';

export type { ChannelConfig, ChannelState } from '../joined-channel.js';

/** Called with one message. */
export type MessageHandler<T = unknown> = (message: BroadcastMessage<T>) => void;

/**
 * Counted: who subscribes has it until they unsubscribe, and the last one leaves it. It joins again by itself
 * after whatever interrupted it.
 *
 * @deprecated Use `client.channel(name)` of `tidewire`.
 */
export class ManagedChannel extends JoinedChannel {
  readonly #handlers = new Map<string, Set<MessageHandler<never>>>();
  readonly #errors = new Set<(error: Error) => void>();

  override close(): void {
    this.#handlers.clear();
    this.#errors.clear();
    super.close();
  }

  /**
   * Sends. During an interruption it waits for the end of it.
   *
   * @throws Error "Channel is not connected" without a subscription, "Failed to send message: …"
   */
  async send(message: BroadcastMessage): Promise<void> {
    if (!this.handle) throw Error('Channel is not connected');
    try {
      await this.handle.send(message.type, message, { ack: this.config.ack }).acked;
    } catch (error) {
      throw Error(`Failed to send message: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Listens to the messages of a type. */
  on<T = unknown>(type: string, handler: MessageHandler<T>): Unsubscribe {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /** Listens to failures of the channel and errors thrown by handlers. */
  onError(handler: (error: Error) => void): Unsubscribe {
    this.#errors.add(handler);
    return () => this.#errors.delete(handler);
  }

  /** The channel with Supabase's methods; joined, if it was not. */
  async getSupabaseChannel(): Promise<LegacyChannel> {
    return this.joined();
  }

  protected override listen(handle: Channel): void {
    handle.on('*', (message, { own }) => {
      if (!own || this.config.selfBroadcast) this.#dispatch(message as BroadcastMessage);
    });
  }

  protected override failed(error: Error): void {
    for (const handler of [...this.#errors]) callSafely(handler, error);
    super.failed(error);
  }

  #dispatch(message: BroadcastMessage): void {
    for (const handler of [...(this.#handlers.get(message?.type) ?? [])]) {
      try {
        (handler as MessageHandler)(message);
      } catch (error) {
        if (!this.#errors.size) throwLater(error);
        this.failed(error as Error);
      }
    }
  }
}
