/** Who types in which thread of a discussion. */
import type { WebSocketMessage } from './types.js';

/** People whose thread is remembered: more than the client tells of at once. */
const LIMIT = 200;

/**
 * The client says who types in a channel and when that is over; in answer to which comment, those who type say
 * themselves. Both together are the older typing indicators.
 */
export class TypingThreads {
  readonly #topic: string;
  readonly #bill: string;
  #who: readonly string[] = [];
  /** The comment that each answered last: who goes on there need not say it again. */
  readonly #parents = new Map<string, string | undefined>();

  constructor(topic: string) {
    this.#topic = topic;
    this.#bill = topic.slice(topic.indexOf(':') + 1);
  }

  /** Other people type now. */
  changed(who: readonly string[]): WebSocketMessage[] {
    const gone = this.#who.filter((user) => !who.includes(user));
    const come = who.filter((user) => !this.#who.includes(user));
    this.#who = who;
    return [
      ...gone.map((user) => this.#indicator(user, false)),
      ...come.map((user) => this.#indicator(user, true)),
    ];
  }

  /** Somebody says what they are answering. */
  said(user: string, parent: string | undefined): WebSocketMessage[] {
    if (this.#parents.get(user) === parent) return [];
    const moves = this.#who.includes(user);
    const messages = moves ? [this.#indicator(user, false)] : [];
    this.#parents.delete(user);
    this.#parents.set(user, parent);
    const oldest = [...this.#parents.keys()].find((each) => !this.#who.includes(each));
    if (this.#parents.size > LIMIT && oldest !== undefined) this.#parents.delete(oldest);
    return moves ? [...messages, this.#indicator(user, true)] : messages;
  }

  #indicator(user: string, isTyping: boolean): WebSocketMessage {
    return {
      type: 'typing_indicator',
      topic: this.#topic,
      user_id: user,
      bill_id: this.#bill,
      parent_id: this.#parents.get(user),
      is_typing: isTyping,
      // The client will say when it is over.
      is_followed: true,
    };
  }
}
