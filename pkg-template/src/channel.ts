/** The handle that `client.channel(name)` returns. */
import type { Host } from './client-internals.js';
import type { Subscriber, SubscriberHandlers } from './client-state.js';
import type { ChannelOptions, Unsubscribe } from './common-types.js';
import { Emitter, type Listener } from './emitter.js';
import { PresenceAction, Supabase } from './generated/facade.js';
import type { PostgresFilter } from './postgres-types.js';
import type { SendOptions, Sent } from './sent.js';
import { serialiseObject } from './serialize.js';
import type { ChannelStats } from './stats-types.js';
import type { Channel } from './types.js';
import { checkFunction, checkName, copyOf, invalid } from './validate.js';

/** Opens a handle. */
export function channelHandle(host: Host, name: string, options?: ChannelOptions): Channel {
  const { client, enqueue } = host;
  const messages = new Emitter(host.report);
  const activity = new Emitter(host.report);
  const subscriber = host.open(name, options, {
    receive(events, message, meta) {
      for (const event of events) messages.emit(event, message, meta);
    },
    notify: activity.emit.bind(activity),
  });
  /** Further subscriptions of this handle (presence, database changes), until it is released. */
  const subscriptions = new Set<Subscriber>();
  let life: 'open' | 'released' = 'open';
  const addSubscription = (
    wanted: ChannelOptions,
    handlers: SubscriberHandlers = {},
  ): Unsubscribe => {
    if (life === 'released') return () => {};
    const own = options?.private ? { ...wanted, private: true } : wanted;
    const other = host.open(name, own, handlers);
    subscriptions.add(other);
    return () => {
      subscriptions.delete(other);
      host.close(other);
    };
  };
  /** Supabase sends presence only if the join enables it. */
  let presence = options?.presence;
  const ensurePresence = (key?: string): void => {
    if (presence !== undefined || host.protocol() !== 'supabase') return;
    presence = key ? { key } : true;
    addSubscription({ presence });
  };
  const sendPresence = (action: number, meta?: object, key?: string): Sent => {
    const text = action === PresenceAction.Untrack ? '' : serialiseObject(meta, 'meta');
    ensurePresence(key);
    return enqueue(name, text, {}, { action, key });
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
      // An event with an empty name exists, but none that takes a filter.
      if (event !== '' || values.length) checkName(event, 'event');
      if (!values.length) return messages.on(event, callback);
      checkFunction(callback, 'callback');
      const [filter] = values as [PostgresFilter];
      copyOf(filter, 'filter');
      if (event !== Supabase.PostgresChanges) throw invalid('filter', 'left out');
      return addSubscription({ postgresChanges: [filter ?? {}] }, { change: callback });
    },
    send(...values: unknown[]): Sent {
      const named = values.length > 1 && typeof values[0] === 'string';
      const event = named ? (values.shift() as string) : undefined;
      const [payload, options] = values as [unknown, SendOptions?];
      return client.send(name, payload, event === undefined ? options : { ...options, event });
    },
    presence: {
      get state() {
        ensurePresence();
        return subscriber.view.presence;
      },
      track: (meta, options) => sendPresence(PresenceAction.Track, meta, options?.key),
      update: (meta) => sendPresence(PresenceAction.Update, meta),
      untrack: () => sendPresence(PresenceAction.Untrack),
      on(event: string, listener: Listener): Unsubscribe {
        ensurePresence();
        return activity.on(event, listener);
      },
    },
    typing: {
      get who() {
        return subscriber.view.who;
      },
      start: () => host.session()?.typing(name, true),
      stop: () => host.session()?.typing(name, false),
      on: (_, listener) => activity.on('typing', listener),
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
      activity.clear();
      life = 'released';
      for (const other of subscriptions) host.close(other);
      host.close(subscriber);
    },
  };
}
