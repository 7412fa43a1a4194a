/** The last messages of a channel. */
import type { Channel, ChannelOptions, MessageMeta, RealtimeClient } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { type ChannelStanding, ChannelStore, STANDING } from './channel-store.js';

/** A message as it was heard. */
export interface Heard<T> {
  /** Tells it apart from the others: made for React's `key`. */
  readonly key: number;
  /** Its content. */
  readonly message: T;
  /** What is known of it besides. */
  readonly meta: MessageMeta;
}

/** The last messages of a channel; the same object until something in it changed. */
export interface Messages<T> extends ChannelStanding {
  /** The oldest first; the same array until a message came. */
  readonly messages: readonly Heard<T>[];
  /** Forgets them. */
  readonly clear: () => void;
}

/** Hears a channel, and shows what it heard in batches. */
export class MessageStore<T> extends ChannelStore<Messages<T>> {
  readonly #event: string;
  #limit: number;
  #count = 0;
  /** Every message is in here at once, up to the limit, however late it is shown. */
  #heard: Heard<T>[] = [];
  /** How many of them were shown. */
  #shown = 0;
  #stopShowing: (() => void) | undefined;
  protected readonly initial: Messages<T> = {
    ...STANDING,
    messages: [],
    clear: () => {
      this.#heard = [];
      this.#showHeard();
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

  /** Keeps so many from now on. */
  keep(limit: number): void {
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.#showHeard();
  }

  protected listen(handle: Channel): void {
    this.#stopShowing = this.client.on('batch', () => {
      if (this.#shown !== this.#count) this.#showHeard();
    });
    handle.on(this.#event, (message, meta) => {
      this.#heard.push({ key: ++this.#count, message: message as T, meta });
      // Now and then, so that a flood is not copied for every message of it.
      if (this.#heard.length > 2 * this.#limit) this.#trim();
    });
  }

  protected override close(): void {
    this.#stopShowing?.();
    super.close();
  }

  protected override refresh(reason?: string): void {
    // What the former user received is not shown to the next one.
    if (reason === 'identity_changed') this.initial.clear();
    super.refresh();
  }

  #trim(): void {
    this.#heard = this.#limit > 0 ? this.#heard.slice(-this.#limit) : [];
  }

  #showHeard(): void {
    this.#trim();
    this.#shown = this.#count;
    // The array that is shown is never touched again.
    const messages = this.#heard.slice();
    if (messages.length || this.getSnapshot().messages.length) this.show({ messages });
  }
}
