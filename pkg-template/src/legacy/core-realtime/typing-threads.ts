/** The typing members of a discussion by thread. */

import { MAX_TYPING } from '../../generated/facade.js';
import type { WebSocketMessage } from './types.js';

/** The number of users whose thread is kept: more than type at once, so that those who pause keep theirs. */
const LIMIT = 2 * MAX_TYPING;

/**
 * Combines two sources into the legacy typing indicators: the client's list of typing members of a channel, and the
 * messages in which typing users send the id of the comment that they are replying to.
 */
export class TypingThreads {
  readonly #topic: string;
  readonly #bill: string;
  #who: readonly string[] = [];
  /** The comment that each user replied to last. */
  readonly #parents = new Map<string, string | undefined>();

  constructor(topic: string) {
    this.#topic = topic;
    this.#bill = topic.slice(topic.indexOf(':') + 1);
  }

  /** Updates the typing users; returns the indicators that changed. */
  changed(who: readonly string[]): WebSocketMessage[] {
    const stopped = this.#who.filter((user) => !who.includes(user));
    const started = who.filter((user) => !this.#who.includes(user));
    this.#who = who;
    return [
      ...stopped.map((user) => this.#indicator(user, false)),
      ...started.map((user) => this.#indicator(user, true)),
    ];
  }

  /** Sets the comment that a user is replying to; returns the indicators that changed. */
  setParent(user: string, parent: string | undefined): WebSocketMessage[] {
    if (this.#parents.get(user) === parent) return [];
    const wasTyping = this.#who.includes(user);
    const messages = wasTyping ? [this.#indicator(user, false)] : [];
    this.#parents.delete(user);
    this.#parents.set(user, parent);
    const oldest = [...this.#parents.keys()].find((each) => !this.#who.includes(each));
    if (this.#parents.size > LIMIT && oldest !== undefined) this.#parents.delete(oldest);
    return wasTyping ? [...messages, this.#indicator(user, true)] : messages;
  }

  #indicator(user: string, isTyping: boolean): WebSocketMessage {
    return {
      type: 'typing_indicator',
      topic: this.#topic,
      user_id: user,
      bill_id: this.#bill,
      parent_id: this.#parents.get(user),
      is_typing: isTyping,
      // The client reports when the user stops typing.
      is_followed: true,
    };
  }
}
