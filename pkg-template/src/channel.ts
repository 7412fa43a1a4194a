/** The handle that `client.channel(name)` gives. */
import { checkName, serialiseObject } from './door.js';
import { Emitter, type Listener } from './emitter.js';
import type { Host } from './host.js';
import { TRACK, UNTRACK, UPDATE } from './outgoing.js';
import type { SendOptions, Sent } from './sent.js';
import type { ChannelStats } from './stats-types.js';
import type { Channel, ChannelOptions, MessageCallback, Unsubscribe } from './types.js';

/** Opens a handle. */
export function channelHandle(host: Host, name: string, options?: ChannelOptions): Channel {
  const { client, give } = host;
  const messages = new Emitter(host.report);
  const people = new Emitter(host.report);
  const subscriber = host.open(name, options, {
    deliver(message, meta) {
      if (meta.event) messages.emit(meta.event, message, meta);
      if (meta.event !== '*') messages.emit('*', message, meta);
    },
    tell: people.emit.bind(people),
  });
  const say = (action: number, meta?: object, key?: string): Sent =>
    give(name, action === UNTRACK ? '' : serialiseObject(meta, 'meta'), {}, { action, key });
  return {
    name,
    get state() {
      return subscriber.view.state;
    },
    get error() {
      return subscriber.view.error;
    },
    get continuity() {
      return subscriber.view.continuity;
    },
    on(event: string, callback: MessageCallback<never>): Unsubscribe {
      checkName(event, 'event');
      return messages.on(event, callback as Listener);
    },
    send(...values: unknown[]): Sent {
      const named = values.length > 1 && typeof values[0] === 'string';
      const event = named ? (values.shift() as string) : undefined;
      const [payload, options] = values as [unknown, SendOptions?];
      return client.send(name, payload, event ? { ...options, event } : options);
    },
    presence: {
      get state() {
        return subscriber.view.presence;
      },
      track: (meta, options) => say(TRACK, meta, options?.key),
      update: (meta) => say(UPDATE, meta),
      untrack: () => say(UNTRACK),
      on: (event: string, listener: Listener) => people.on(event, listener),
    },
    typing: {
      get who() {
        return subscriber.view.who;
      },
      start: () => host.session()?.typing(name, true),
      stop: () => host.session()?.typing(name, false),
      on: (_, listener) => people.on('typing', listener),
    },
    stats: (): ChannelStats =>
      client.getChannelStats().channels.find((stats) => stats.key === name) ?? {
        key: name,
        state: subscriber.view.state,
        continuity: subscriber.view.continuity,
        referenceCount: 0,
        createdAt: 0,
        lastAccessedAt: 0,
      },
    release(): void {
      messages.clear();
      people.clear();
      host.close(subscriber);
    },
  };
}
