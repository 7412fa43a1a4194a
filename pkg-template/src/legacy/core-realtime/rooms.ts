/** The channels that the topics in use are told on. */
import type { Channel, RealtimeClient } from '../../index.js';
import { legacyConfig } from '../index.js';
import { fieldsOf, textOf } from './fields.js';
import { incoming } from './incoming.js';
import { rowMessage } from './row-messages.js';
import type { WebSocketMessage } from './types.js';
import { TypingThreads } from './typing-threads.js';

/** A topic in use. */
interface Room {
  /** The subscriptions that need it. */
  members: number;
  channels: Channel[];
  threads: TypingThreads;
  /** In answer to what this user typed last: a comment, none, or null if that was not said here yet. */
  answering: string | undefined | null;
}

/** Whom the rooms tell. */
export interface RoomsHost {
  /** A channel's message came: what is made of it is delivered next. */
  heard(): void;
  /** What is to be routed to subscriptions. */
  deliver(message: WebSocketMessage): void;
  /** A channel failed. */
  fail(error: Error): void;
}

/** The rooms of one connection. */
export class Rooms {
  readonly #client: RealtimeClient;
  readonly #host: RoomsHost;
  readonly #rooms = new Map<string, Room>();

  constructor(client: RealtimeClient, host: RoomsHost) {
    this.#client = client;
    this.#host = host;
  }

  /** A subscription needs the topic. */
  enter(topic: string): void {
    this.#room(topic).members += 1;
  }

  /** It no longer does. */
  leave(topic: string): void {
    const room = this.#rooms.get(topic);
    if (!room) return;
    room.members -= 1;
    if (room.members < 1) this.#close(topic, room);
  }

  /** Says that `user` types there, in answer to a comment or not. */
  startTyping(topic: string, bill: unknown, parent: string | undefined, user?: string): void {
    const room = this.#room(topic);
    const [channel] = room.channels;
    if (room.answering !== parent && user !== undefined) {
      const data = { billId: bill, parentId: parent, timestamp: new Date().toISOString() };
      const message = { type: 'typing_start', user_id: user, data };
      this.#client.send(topic, message, { event: 'typing_start', ephemeral: true });
      room.answering = parent;
    }
    channel?.typing.start();
  }

  /** Says that it is over. */
  stopTyping(topic: string): void {
    const room = this.#rooms.get(topic);
    room?.channels[0]?.typing.stop();
    // Nobody reads there who only wrote.
    if (room && room.members < 1) this.#close(topic, room);
  }

  /** Leaves all of them. */
  close(): void {
    for (const [topic, room] of this.#rooms) this.#close(topic, room);
  }

  #close(topic: string, room: Room): void {
    this.#rooms.delete(topic);
    for (const channel of room.channels) channel.release();
    this.#tell(room.threads.changed([]));
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
    const channel = this.#client.channel(name, { onError: (error) => this.#host.fail(error) });
    channel.on('*', (payload, { event }) => {
      this.#host.heard();
      const told = rowMessage(name, payload, event) ?? incoming(topic, payload, event);
      for (const message of [told].flat()) {
        const user = message.type === 'typing_start' ? textOf(message.user_id) : undefined;
        if (user === undefined) this.#host.deliver(message);
        else this.#tell(threads.said(user, textOf(fieldsOf(message).parentId)));
      }
    });
    channel.typing.on('change', () => {
      const who = new Set([channel, ...channels].flatMap(({ typing }) => typing.who));
      this.#tell(threads.changed([...who]));
    });
    return channel;
  }

  #tell(messages: WebSocketMessage[]): void {
    for (const message of messages) this.#host.deliver(message);
  }
}
