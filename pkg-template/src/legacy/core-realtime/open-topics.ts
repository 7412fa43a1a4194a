/** The channels of the topics in use. */
import type { Channel, RealtimeClient } from '../../index.js';
import { legacyConfig } from '../index.js';
import { fieldsOf, textOf } from './fields.js';
import { incoming } from './incoming.js';
import { rowMessage } from './row-messages.js';
import type { WebSocketMessage } from './types.js';
import { TypingThreads } from './typing-threads.js';

interface OpenTopic {
  /** The number of subscriptions that use it. */
  subscriptions: number;
  channels: Channel[];
  threads: TypingThreads;
  /** The comment that this user replied to last; `undefined`: none, `null`: not sent yet. */
  lastParent: string | undefined | null;
}

/** The owner of the topics. */
export interface TopicsHost {
  /** Called when a channel has received a message, before it is delivered. */
  received(): void;
  /** Routes a message to the subscriptions. */
  deliver(message: WebSocketMessage): void;
  /** Called when a channel failed. */
  fail(error: Error): void;
}

export class OpenTopics {
  readonly #topics = new Map<string, OpenTopic>();

  constructor(
    private readonly client: RealtimeClient,
    private readonly host: TopicsHost,
  ) {}

  /** Adds a subscription to the topic. */
  enter(topic: string): void {
    this.#entry(topic).subscriptions += 1;
  }

  leave(topic: string): void {
    const entry = this.#topics.get(topic);
    if (!entry) return;
    entry.subscriptions -= 1;
    if (entry.subscriptions < 1) this.#close(topic, entry);
  }

  /** Sends that `user` is typing, in reply to the comment `parent` if there is one. */
  startTyping(topic: string, bill: unknown, parent: string | undefined, user?: string): void {
    const entry = this.#entry(topic);
    const [channel] = entry.channels;
    if (entry.lastParent !== parent && user !== undefined) {
      const data = { billId: bill, parentId: parent, timestamp: new Date().toISOString() };
      const message = { type: 'typing_start', user_id: user, data };
      this.client.send(topic, message, { event: 'typing_start', ephemeral: true });
      entry.lastParent = parent;
    }
    channel?.typing.start();
  }

  stopTyping(topic: string): void {
    const entry = this.#topics.get(topic);
    entry?.channels[0]?.typing.stop();
    // Without subscriptions the entry was opened only for typing.
    if (entry && entry.subscriptions < 1) this.#close(topic, entry);
  }

  close(): void {
    for (const [topic, entry] of this.#topics) this.#close(topic, entry);
  }

  #close(topic: string, entry: OpenTopic): void {
    this.#topics.delete(topic);
    for (const channel of entry.channels) channel.release();
    this.#deliverAll(entry.threads.changed([]));
  }

  #entry(topic: string): OpenTopic {
    const known = this.#topics.get(topic);
    if (known) return known;
    const threads = new TypingThreads(topic);
    const entry: OpenTopic = { subscriptions: 0, channels: [], threads, lastParent: null };
    this.#topics.set(topic, entry);
    for (const name of legacyConfig().topics(topic)) {
      entry.channels.push(this.#open(entry, topic, name));
    }
    return entry;
  }

  #open({ threads, channels }: OpenTopic, topic: string, name: string): Channel {
    const channel = this.client.channel(name, { onError: (error) => this.host.fail(error) });
    channel.on('*', (payload, { event }) => {
      this.host.received();
      const messages = rowMessage(name, payload, event) ?? incoming(topic, payload, event);
      for (const message of [messages].flat()) {
        const user = message.type === 'typing_start' ? textOf(message.user_id) : undefined;
        if (user === undefined) this.host.deliver(message);
        else this.#deliverAll(threads.setParent(user, textOf(fieldsOf(message).parentId)));
      }
    });
    channel.typing.on('change', () => {
      const who = new Set([channel, ...channels].flatMap(({ typing }) => typing.who));
      this.#deliverAll(threads.changed([...who]));
    });
    return channel;
  }

  #deliverAll(messages: WebSocketMessage[]): void {
    for (const message of messages) this.host.deliver(message);
  }
}
