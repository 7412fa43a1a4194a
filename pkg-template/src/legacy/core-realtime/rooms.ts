/** The channels of the topics in use. */
import type { Channel, RealtimeClient } from '../../index.js';
import { legacyConfig } from '../index.js';
import { fieldsOf, textOf } from './fields.js';
import { incoming } from './incoming.js';
import { rowMessage } from './row-messages.js';
import type { WebSocketMessage } from './types.js';
import { TypingThreads } from './typing-threads.js';

interface Room {
  /** The number of subscriptions that use it. */
  members: number;
  channels: Channel[];
  threads: TypingThreads;
  /** The comment that this user replied to last; `undefined`: none, `null`: not sent yet. */
  answering: string | undefined | null;
}

/** The owner of the rooms. */
export interface RoomsHost {
  /** Called when a channel has received a message, before it is delivered. */
  received(): void;
  /** Routes a message to the subscriptions. */
  deliver(message: WebSocketMessage): void;
  /** Called when a channel failed. */
  fail(error: Error): void;
}

export class Rooms {
  readonly #rooms = new Map<string, Room>();

  constructor(
    private readonly client: RealtimeClient,
    private readonly host: RoomsHost,
  ) {}

  /** Adds a subscription to the topic. */
  enter(topic: string): void {
    this.#room(topic).members += 1;
  }

  leave(topic: string): void {
    const room = this.#rooms.get(topic);
    if (!room) return;
    room.members -= 1;
    if (room.members < 1) this.#close(topic, room);
  }

  /** Sends that `user` is typing, in reply to the comment `parent` if there is one. */
  startTyping(topic: string, bill: unknown, parent: string | undefined, user?: string): void {
    const room = this.#room(topic);
    const [channel] = room.channels;
    if (room.answering !== parent && user !== undefined) {
      const data = { billId: bill, parentId: parent, timestamp: new Date().toISOString() };
      const message = { type: 'typing_start', user_id: user, data };
      this.client.send(topic, message, { event: 'typing_start', ephemeral: true });
      room.answering = parent;
    }
    channel?.typing.start();
  }

  stopTyping(topic: string): void {
    const room = this.#rooms.get(topic);
    room?.channels[0]?.typing.stop();
    // Without subscriptions the room was opened only for typing.
    if (room && room.members < 1) this.#close(topic, room);
  }

  close(): void {
    for (const [topic, room] of this.#rooms) this.#close(topic, room);
  }

  #close(topic: string, room: Room): void {
    this.#rooms.delete(topic);
    for (const channel of room.channels) channel.release();
    this.#deliverAll(room.threads.changed([]));
  }

  #room(topic: string): Room {
    const known = this.#rooms.get(topic);
    if (known) return known;
    const threads = new TypingThreads(topic);
    const room: Room = { members: 0, channels: [], threads, answering: null };
    this.#rooms.set(topic, room);
    for (const name of legacyConfig().topics(topic)) {
      room.channels.push(this.#open(room, topic, name));
    }
    return room;
  }

  #open({ threads, channels }: Room, topic: string, name: string): Channel {
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
