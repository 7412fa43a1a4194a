/** The handle that `client.channel(name)` gives. */
import type { Host } from './client-internals.js';
import type { Part, Subscriber } from './client-state.js';
import type { ChannelOptions, Unsubscribe } from './common-types.js';
import { Emitter, type Listener } from './emitter.js';
import { TRACK, UNTRACK, UPDATE } from './pending-send.js';
import type { PostgresFilter } from './postgres-types.js';
import type { SendOptions, Sent } from './sent.js';
import { serialiseObject } from './serialize.js';
import type { ChannelStats } from './stats-types.js';
import type { Channel } from './types.js';
import { checkFunction, checkName, copyOf, invalid } from './validate.js';

/** Opens a handle. */
export function channelHandle(host: Host, name: string, options?: ChannelOptions): Channel {
  const { client, give } = host;
  const messages = new Emitter(host.report);
  const people = new Emitter(host.report);
  const subscriber = host.open(name, options, {
    hear(events, message, meta) {
      for (const event of events) messages.emit(event, message, meta);
    },
    tell: people.emit.bind(people),
  });
  /** What it asks of the channel besides, until it is released. */
  const wishes = new Set<Subscriber>();
  let life: 'open' | 'released' = 'open';
  const wish = (what: ChannelOptions, part: Part = {}): Unsubscribe => {
    if (life === 'released') return () => {};
    const own = options?.private ? { ...what, private: true } : what;
    const other = host.open(name, own, part);
    wishes.add(other);
    return () => {
      wishes.delete(other);
      host.close(other);
    };
  };
  /** Supabase tells of presence only if the join asks for it. */
  let presence = options?.presence;
  const attend = (key?: string): void => {
    if (presence !== undefined || host.protocol() !== 'supabase') return;
    presence = key ? { key } : true;
    wish({ presence });
  };
  const say = (action: number, meta?: object, key?: string): Sent => {
    const text = action === UNTRACK ? '' : serialiseObject(meta, 'meta');
    attend(key);
    return give(name, text, {}, { action, key });
  };
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
    on(event: string, ...values: unknown[]): Unsubscribe {
      const callback = values.pop() as Listener;
      // Without a filter a name may be empty.
      if (event !== '' || values.length) checkName(event, 'event');
      if (!values.length) return messages.on(event, callback);
      checkFunction(callback, 'callback');
      const [filter] = values as [PostgresFilter];
      copyOf(filter, 'filter');
      if (event !== 'postgres_changes') throw invalid('filter', 'left out');
      return wish({ postgresChanges: [filter ?? {}] }, { change: callback });
    },
    send(...values: unknown[]): Sent {
      const named = values.length > 1 && typeof values[0] === 'string';
      const event = named ? (values.shift() as string) : undefined;
      const [payload, options] = values as [unknown, SendOptions?];
      return client.send(name, payload, event === undefined ? options : { ...options, event });
    },
    presence: {
      get state() {
        attend();
        return subscriber.view.presence;
      },
      track: (meta, options) => say(TRACK, meta, options?.key),
      update: (meta) => say(UPDATE, meta),
      untrack: () => say(UNTRACK),
      on(event: string, listener: Listener): Unsubscribe {
        attend();
        return people.on(event, listener);
      },
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
      life = 'released';
      for (const other of wishes) host.close(other);
      host.close(subscriber);
    },
  };
}
