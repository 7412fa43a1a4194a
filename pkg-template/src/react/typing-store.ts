/** Who is typing on a channel. */
import type { Channel, RealtimeClient } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { type ChannelStanding, ChannelStore, STANDING } from './channel-store.js';
import { areSame } from './use-store.js';

/** Who is typing; the same object until something in it changed. */
export interface TypingView extends ChannelStanding {
  /** Names of the others who are typing now, sorted; the same array until it changed. */
  readonly who: readonly string[];
  /** Says that this user types. Call it with every keystroke: it is said rarely, and ends by itself. */
  readonly start: () => void;
  /** Says that this user has stopped. Unmounting says so too. */
  readonly stop: () => void;
}

/** Follows who types, and says so of this user. */
export class TypingStore extends ChannelStore<TypingView> {
  readonly #me: string | undefined;
  #own: 'silent' | 'typing' = 'silent';
  protected readonly initial: TypingView = {
    ...STANDING,
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
    if (this.#own === 'silent') return;
    this.#own = 'silent';
    this.handle?.typing.stop();
  }
}
