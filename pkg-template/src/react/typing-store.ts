/** A store of the typing members of a channel. */
import type { Channel, RealtimeClient } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { type ChannelHealth, ChannelStore, INITIAL_HEALTH } from './channel-store.js';
import { areSame } from './use-store.js';

/** The typing members of a channel; the same object until something in it changes. */
export interface TypingView extends ChannelHealth {
  /** The names of the other members who are typing now, sorted; the same array until it changes. */
  readonly who: readonly string[];
  /** Sends that this user is typing. Call it on every keystroke: it is throttled, and expires by itself. */
  readonly start: () => void;
  /** Sends that this user has stopped typing. Unmounting does so too. */
  readonly stop: () => void;
}

/** Reads the typing members of a channel, and sends whether this user is typing. */
export class TypingStore extends ChannelStore<TypingView> {
  readonly #me: string | undefined;
  #own: 'idle' | 'typing' = 'idle';
  protected readonly initial: TypingView = {
    ...INITIAL_HEALTH,
    who: [],
    start: () => {
      if (!this.handle) return;
      this.#own = 'typing';
      this.handle.typing.start();
    },
    stop: () => this.#stop(),
  };

  constructor(client: RealtimeClient, channel: ChannelName, me: string | undefined) {
    super(client, channel);
    this.#me = me;
  }

  protected listen(handle: Channel): void {
    handle.typing.on('change', () => this.refresh());
  }

  protected override read({ typing }: Channel): Partial<TypingView> {
    const before = this.getSnapshot().who;
    const who = typing.who.filter((name) => name !== this.#me);
    return { who: areSame(before, who) ? before : who };
  }

  protected override close(): void {
    this.#stop();
    super.close();
  }

  #stop(): void {
    if (this.#own === 'idle') return;
    this.#own = 'idle';
    this.handle?.typing.stop();
  }
}
