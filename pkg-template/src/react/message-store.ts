/** A store of the last messages of a channel. */
import type { Channel, ChannelOptions, MessageMeta, RealtimeClient } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { type ChannelHealth, ChannelStore, INITIAL_HEALTH } from './channel-store.js';

/** A message as it was received. */
export interface ReceivedMessage<T> {
  /** A unique number, for React's `key`. */
  readonly key: number;
  /** Its content. */
  readonly message: T;
  /** Its metadata. */
  readonly meta: MessageMeta;
}

/** @deprecated Use {@link ReceivedMessage}. */
export type Heard<T> = ReceivedMessage<T>;

/** The last messages of a channel; the same object until something in it changes. */
export interface Messages<T> extends ChannelHealth {
  /** The messages, oldest first; the same array until there is a new one. */
  readonly messages: readonly ReceivedMessage<T>[];
  /** Removes them. */
  readonly clear: () => void;
}

/** Receives the messages of a channel, and updates its snapshot in batches. */
export class MessageStore<T> extends ChannelStore<Messages<T>> {
  readonly #event: string;
  #limit: number;
  #count = 0;
  /** The received messages, up to the limit, whether they are in the snapshot yet or not. */
  #received: ReceivedMessage<T>[] = [];
  /** The value of `#count` at the last update of the snapshot. */
  #shown = 0;
  #stopShowing: (() => void) | undefined;
  protected readonly initial: Messages<T> = {
    ...INITIAL_HEALTH,
    messages: [],
    clear: () => {
      this.#received = [];
      this.#flush();
    },
  };

  constructor(
    client: RealtimeClient,
    channel: ChannelName,
    event: string,
    options: ChannelOptions | undefined,
    limit: number,
  ) {
    super(client, channel, options);
    this.#event = event;
    this.#limit = limit;
  }

  /** Sets how many messages are kept. */
  setLimit(limit: number): void {
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.#flush();
  }

  protected listen(handle: Channel): void {
    this.#stopShowing = this.client.on('batch', () => {
      if (this.#shown !== this.#count) this.#flush();
    });
    handle.on(this.#event, (message, meta) => {
      this.#received.push({ key: ++this.#count, message: message as T, meta });
      // Not for every message, so that a burst does not copy the array each time.
      if (this.#received.length > 2 * this.#limit) this.#trim();
    });
  }

  protected override close(): void {
    this.#stopShowing?.();
    super.close();
  }

  protected override refresh(reason?: string): void {
    // Messages of the former user are not shown to the next one.
    if (reason === 'identity_changed') this.initial.clear();
    super.refresh();
  }

  #trim(): void {
    this.#received = this.#limit > 0 ? this.#received.slice(-this.#limit) : [];
  }

  #flush(): void {
    this.#trim();
    this.#shown = this.#count;
    // The array in the snapshot is never changed.
    const messages = this.#received.slice();
    if (messages.length || this.getSnapshot().messages.length) this.show({ messages });
  }
}
