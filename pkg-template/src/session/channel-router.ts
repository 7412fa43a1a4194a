/** Routes the engine's reports on channels to their subscribers. */
import type { ChannelView, ClientState, Subscriber, SubscriberHandlers } from '../client-state.js';
import type { Continuity, Gap } from '../common-types.js';
import type { RealtimeError } from '../errors.js';
import {
  CHANNEL_STATES,
  CONTINUITIES,
  PRESENCE_EVENTS,
  PresenceKind,
  REASONS,
} from '../generated/engine.js';
import type { Meta } from '../presence-types.js';
import { details, reporterOf } from '../reporter.js';
import { newView } from '../snapshot.js';
import type { ChannelStatus, MessageMeta } from '../types.js';
import type { PresenceReport } from './engine-abi.js';

/** A channel that has an id at the engine. */
export interface Route {
  readonly id: number;
  /** Its name; empty until it is subscribed to. */
  channel: string;
  readonly subscribers: Set<Subscriber>;
  /** The same subscribers, until one is added or removed. */
  list: readonly Subscriber[] | undefined;
  readonly view: ChannelView;
  /** The event of the last message that was read by its head. */
  event: string | undefined;
  /** The epoch of the last message that the engine reported, where messages have positions. */
  epoch: string | undefined;
}

/** Returns a subscriber's callback for a message: a handle emits it under these events. */
const callbackFor =
  (events: string[]) =>
  ({ deliver, receive }: SubscriberHandlers): SubscriberHandlers['deliver'] =>
    receive ? (message, meta) => receive(events, message, meta) : deliver;

const subscribersOf = (route: Route): readonly Subscriber[] =>
  (route.list ??= [...route.subscribers]);

/** The channels of one engine, by id. */
export class ChannelRouter {
  readonly #client: ClientState;
  readonly #routes = new Map<number, Route>();
  readonly #byName = new Map<string, Route>();
  /** Channels that lost messages when the previous engine crashed. */
  readonly #gaps: Set<string>;
  /** Whether a message is being delivered, and whether there was a render tick meanwhile. */
  #delivery: 'none' | 'running' | 'ticked' = 'none';
  /** The channel being subscribed to: the engine may report on it before it returns its id. */
  #joining = '';

  /** Updates a collection's snapshot from its channel's state. */
  readonly #show: (subscriber: Subscriber) => void;

  constructor(client: ClientState, gaps: Set<string>, show: (subscriber: Subscriber) => void) {
    this.#client = client;
    this.#gaps = gaps;
    this.#show = show;
  }

  /** Adds a subscriber by `join`, which returns the channel's id, or `undefined` if the engine has trapped. */
  add(subscriber: Subscriber, join: () => number | undefined): void {
    const outer = this.#joining;
    this.#joining = subscriber.channel;
    try {
      const id = join();
      if (id === undefined) return;
      const route = this.#route(id);
      // The engine may have opened the channel before, for a message that is sent.
      route.channel = subscriber.channel;
      this.#byName.set(route.channel, route);
      // The callback of another subscriber may have removed it already.
      if (!this.#client.subscribers.has(subscriber)) return;
      route.subscribers.add(subscriber);
      route.list = undefined;
      subscriber.view = route.view;
      this.#show(subscriber);
      // The channel failed before this subscriber joined: no report follows.
      const { state, error } = route.view;
      if (state === 'failed' && error) this.#client.call(subscriber.options.onError, error);
    } catch (error) {
      this.#client.subscribers.delete(subscriber);
      throw error;
    } finally {
      this.#joining = outer;
    }
  }

  remove(subscriber: Subscriber): void {
    const remove = (route: Route | undefined): boolean => {
      if (!route?.subscribers.delete(subscriber)) return false;
      route.list = undefined;
      return true;
    };
    if (remove(this.#byName.get(subscriber.channel))) return;
    // Its channel is being left, and another one has the name already.
    for (const route of this.#routes.values()) remove(route);
  }

  /** The channels by name. */
  get routes(): ReadonlyMap<string, Route> {
    return this.#byName;
  }

  /** Delivers a message that the engine reported. `isReserved`: its event is named like one of the server's own, so only `*` listeners receive it. */
  message(id: number, payload: unknown, meta: MessageMeta, isReserved: boolean): void {
    const route = this.#route(id);
    meta.channel = route.channel;
    if (meta.epoch !== undefined) route.epoch = meta.epoch;
    this.deliver(route, payload, meta, isReserved);
  }

  /** Delivers a message. */
  deliver(route: Route, payload: unknown, meta: MessageMeta, isReserved = false): void {
    const client = this.#client;
    const { event } = meta;
    const { subscribers } = route;
    const list = subscribersOf(route);
    this.#delivery = 'running';
    let events: string[] | undefined;
    for (const subscriber of list) {
      // A callback may have removed it.
      if (route.list !== list && !subscribers.has(subscriber)) continue;
      const { receive, deliver } = subscriber;
      // Without a function for each call: this is done for every message.
      try {
        if (receive) {
          const onlyWildcard = event === undefined || event === '*' || isReserved;
          events ??= onlyWildcard ? ['*'] : [event, '*'];
          receive(events, payload, meta);
        } else deliver?.(payload, meta);
      } catch (error) {
        client.report(error);
      }
    }
    if (client.emitter.has('message')) client.emitter.emit('message', payload, meta);
    const hasTicked = this.#hasTicked();
    this.#delivery = 'none';
    if (hasTicked) this.tick();
  }

  /** Emits a render tick. A callback's call of the client can cause it: then it follows when all subscribers have the message. */
  tick(): void {
    if (this.#delivery === 'none') this.#client.emit('batch');
    else this.#delivery = 'ticked';
  }

  #hasTicked(): boolean {
    return this.#delivery === 'ticked';
  }

  /** Delivers a message of the server itself to handles: to all, or to the one `receiver` that subscribed later. */
  system(id: number, payload: unknown, meta: MessageMeta, receiver: number): void {
    const callback = callbackFor([meta.event ?? '']);
    const deliver = () =>
      this.#deliver(id, payload, meta, (subscriber) =>
        subscriber.receive && (!receiver || subscriber.number === receiver)
          ? callback(subscriber)
          : null,
      );
    // A new handle has no listeners yet.
    if (receiver) queueMicrotask(deliver);
    else deliver();
  }

  /** Delivers a database change to the subscribers with these ids. */
  change(id: number, payload: unknown, receivers: ReadonlySet<number>, meta: MessageMeta): void {
    const callback = callbackFor([meta.event ?? '', '*']);
    this.#deliver(id, payload, meta, (subscriber) =>
      receivers.has(subscriber.number) ? (subscriber.change ?? callback(subscriber)) : null,
    );
    this.#client.emit('message', payload, meta);
  }

  #deliver(
    id: number,
    payload: unknown,
    meta: MessageMeta,
    callbackOf: (subscriber: Subscriber) => Subscriber['deliver'],
  ): void {
    const route = this.#route(id);
    meta.channel = route.channel;
    for (const subscriber of subscribersOf(route)) {
      if (!route.subscribers.has(subscriber)) continue;
      this.#client.call(callbackOf(subscriber), payload, meta);
    }
  }

  /** Updates a channel's state and reports it. */
  status(
    id: number,
    state: number,
    continuity: number,
    error: RealtimeError | null,
    reasonCode: number,
  ): void {
    const route = this.#route(id);
    const { channel, view } = route;
    const known: Continuity = CONTINUITIES[continuity] ?? 'unknown';
    view.state = CHANNEL_STATES[state] ?? 'failed';
    view.continuity = known === 'fresh' && this.#gaps.has(channel) ? 'gap' : known;
    view.error = error;
    for (const subscriber of this.#subscribersOf(id)) this.#show(subscriber);
    const isHandled = !!error && this.#notifyError(id, error);
    const { state: name, continuity: now } = view;
    const reason = REASONS[reasonCode] ?? '';
    const status: ChannelStatus = { channel, state: name, continuity: now, reason, error };
    const reporter = reporterOf(this.#client);
    reporter.log(error ? 'warn' : 'info', 'channel', {
      ...status,
      ...(error ? details(error) : { error: undefined }),
    });
    this.#client.emit('channel', status);
    if (error) reporter.emit(error, isHandled);
    if (name === 'left') {
      this.#routes.delete(id);
      // Another channel of this name may have been subscribed to meanwhile.
      if (this.#byName.get(channel) === route) this.#byName.delete(channel);
      this.#gaps.delete(channel);
      this.#client.tracked.delete(channel);
    }
  }

  gap(id: number, lost: Omit<Gap, 'channel'>): void {
    const gap: Gap = { ...lost, channel: this.#route(id).channel };
    for (const { options } of this.#subscribersOf(id)) this.#client.call(options.onGap, gap);
    this.#client.emit('gap', gap);
  }

  /** Reports an error of a channel, or with 0 of the connection. */
  error(id: number, error: RealtimeError): void {
    reporterOf(this.#client).error(error, this.#notifyError(id, error));
  }

  /** Calls the `onError` of the channel's subscribers; returns whether there was one. */
  #notifyError(id: number, error: RealtimeError): boolean {
    const listening = this.#subscribersOf(id).filter(({ options }) => options.onError);
    for (const { options } of listening) this.#client.call(options.onError, error);
    return listening.length > 0;
  }

  presence(id: number, reports: PresenceReport[]): void {
    const { view } = this.#route(id);
    const state = new Map(view.presence);
    // A sync has no key.
    const changes = reports.filter(({ kind }) => kind !== PresenceKind.Sync);
    for (const { key, metas } of changes) {
      if (metas.length) state.set(key, metas as Meta[]);
      else state.delete(key);
    }
    if (changes.length) view.presence = state;
    for (const { kind, key, metas, changed } of reports) {
      const values = kind === PresenceKind.Sync ? [] : [key, metas, changed];
      this.#notify(id, PRESENCE_EVENTS[kind] ?? '', ...values);
    }
  }

  typing(id: number, who: string[]): void {
    this.#route(id).view.who = who;
    this.#notify(id, 'typing', who);
  }

  #notify(id: number, event: string, ...values: unknown[]): void {
    for (const subscriber of this.#subscribersOf(id)) subscriber.notify?.(event, ...values);
  }

  /** Returns the present subscribers: those added by a callback receive the next report, not this one. */
  #subscribersOf(id: number): readonly Subscriber[] {
    const route = this.#routes.get(id);
    return route ? subscribersOf(route) : [];
  }

  #route(id: number): Route {
    let route = this.#routes.get(id);
    if (!route) {
      const channel = this.#joining;
      route = {
        id,
        channel,
        subscribers: new Set(),
        list: undefined,
        view: newView(),
        event: undefined,
        epoch: undefined,
      };
      if (this.#gaps.has(channel)) route.view.continuity = 'gap';
      this.#routes.set(id, route);
    }
    return route;
  }
}
