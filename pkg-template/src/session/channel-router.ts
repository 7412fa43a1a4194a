/** The channels as an engine numbers them, and who hears of them. */
import type { ChannelView, Ledger, Part, Subscriber } from '../client-state.js';
import type { Continuity, Gap } from '../common-types.js';
import type { RealtimeError } from '../errors.js';
import type { Meta } from '../presence-types.js';
import { details, reporterOf } from '../reporter.js';
import { newView } from '../snapshot.js';
import type { ChannelStatus, MessageMeta } from '../types.js';
import {
  CHANNEL_STATES,
  CONTINUITIES,
  PRESENCE_EVENTS,
  type PresenceReport,
} from './engine-abi.js';

/** A channel with a number. */
interface Route {
  channel: string;
  subscribers: Set<Subscriber>;
  view: ChannelView;
}

/** Events of the server's own, by what it speaks: messages that somebody named so are none of them. */
const OWN: Record<string, RegExp> = {
  supabase: /^(system|postgres_changes)$/,
  phoenix: /^(phx_join|presence_(state|diff))$/,
};

/** What takes a message: a handle under these events, a subscription as it is. */
const heard =
  (events: string[]) =>
  ({ deliver, hear }: Part): Part['deliver'] =>
    hear ? (message, meta) => hear(events, message, meta) : deliver;

/** One engine's channels. */
export class Routes {
  readonly #ledger: Ledger;
  readonly #routes = new Map<number, Route>();
  /** Channels that lost messages with the engine before this one. */
  readonly #gaps: Set<string>;
  /** The channel being subscribed to: the engine may report on it before it returns its number. */
  #joining = '';

  /** Shows how its channel stands, of a collection. */
  readonly #show: (subscriber: Subscriber) => void;

  constructor(ledger: Ledger, gaps: Set<string>, show: (subscriber: Subscriber) => void) {
    this.#ledger = ledger;
    this.#gaps = gaps;
    this.#show = show;
  }

  /** Adds a subscriber by `join`, which gives the channel's number, or nothing if the engine is gone. */
  add(subscriber: Subscriber, join: () => number | undefined): void {
    const outer = this.#joining;
    this.#joining = subscriber.channel;
    try {
      const id = join();
      if (id === undefined) return;
      const route = this.#route(id);
      // The callback of another subscriber may have taken it back already.
      if (!this.#ledger.subscribers.has(subscriber)) return;
      route.subscribers.add(subscriber);
      subscriber.view = route.view;
      this.#show(subscriber);
      // It failed before this subscriber came: no report follows.
      const { state, error } = route.view;
      if (state === 'failed' && error) this.#ledger.call(subscriber.options.onError, error);
    } catch (error) {
      this.#ledger.subscribers.delete(subscriber);
      throw error;
    } finally {
      this.#joining = outer;
    }
  }

  remove(subscriber: Subscriber): void {
    for (const route of this.#routes.values()) route.subscribers.delete(subscriber);
  }

  deliver(id: number, payload: unknown, meta: MessageMeta): void {
    const { event } = meta;
    const own = OWN[this.#ledger.options.protocol ?? ''];
    const isOwn = event === undefined || event === '*' || own?.test(event);
    this.#deliver(id, payload, meta, heard(isOwn ? ['*'] : [event, '*']));
    this.#ledger.emit('message', payload, meta);
  }

  /** A message of the server's own, for handles: all, or the one of a subscriber that came later. */
  system(id: number, payload: unknown, meta: MessageMeta, receiver: number): void {
    const own = heard([meta.event ?? '']);
    const send = () =>
      this.#deliver(id, payload, meta, (subscriber) =>
        subscriber.hear && (!receiver || subscriber.number === receiver) ? own(subscriber) : null,
      );
    // The one that comes later has no listeners yet.
    if (receiver) queueMicrotask(send);
    else send();
  }

  /** A change of a database, for the subscribers with these numbers. */
  change(id: number, payload: unknown, receivers: ReadonlySet<number>, meta: MessageMeta): void {
    const own = heard(['postgres_changes', '*']);
    this.#deliver(id, payload, meta, (subscriber) =>
      receivers.has(subscriber.number) ? (subscriber.change ?? own(subscriber)) : null,
    );
    this.#ledger.emit('message', payload, meta);
  }

  #deliver(
    id: number,
    payload: unknown,
    meta: MessageMeta,
    callbackOf: (subscriber: Subscriber) => Subscriber['deliver'],
  ): void {
    const route = this.#route(id);
    meta.channel = route.channel;
    for (const subscriber of this.#present(id)) {
      if (!route.subscribers.has(subscriber)) continue;
      this.#ledger.call(callbackOf(subscriber), payload, meta);
    }
  }

  /** Takes over where a channel stands now. */
  status(
    id: number,
    state: number,
    continuity: number,
    error: RealtimeError | null,
    reason: string,
  ): void {
    const route = this.#route(id);
    const { channel, view } = route;
    const known: Continuity = CONTINUITIES[continuity] ?? 'unknown';
    view.state = CHANNEL_STATES[state] ?? 'failed';
    view.continuity = known === 'fresh' && this.#gaps.has(channel) ? 'gap' : known;
    view.error = error;
    for (const subscriber of this.#present(id)) this.#show(subscriber);
    const isHandled = !!error && this.#tellError(id, error);
    const { state: name, continuity: now } = view;
    const status: ChannelStatus = { channel, state: name, continuity: now, reason, error };
    const reporter = reporterOf(this.#ledger);
    reporter.log(error ? 'warn' : 'info', 'channel', {
      ...status,
      ...(error ? details(error) : { error: undefined }),
    });
    this.#ledger.emit('channel', status);
    if (error) reporter.emit(error, isHandled);
    if (name === 'left') {
      this.#routes.delete(id);
      this.#gaps.delete(channel);
      this.#ledger.tracked.delete(channel);
    }
  }

  gap(id: number, lost: Omit<Gap, 'channel'>): void {
    const gap: Gap = { ...lost, channel: this.#route(id).channel };
    for (const { options } of this.#present(id)) this.#ledger.call(options.onGap, gap);
    this.#ledger.emit('gap', gap);
  }

  /** An error of a channel, or with 0 of the connection. */
  error(id: number, error: RealtimeError): void {
    reporterOf(this.#ledger).error(error, this.#tellError(id, error));
  }

  /** Hands an error to the channel's subscribers; tells whether one of them listens. */
  #tellError(id: number, error: RealtimeError): boolean {
    const listening = this.#present(id).filter(({ options }) => options.onError);
    for (const { options } of listening) this.#ledger.call(options.onError, error);
    return listening.length > 0;
  }

  presence(id: number, reports: PresenceReport[]): void {
    const { view } = this.#route(id);
    const state = new Map(view.presence);
    // A sync is about no key.
    const changes = reports.filter(({ kind }) => kind);
    for (const { key, metas } of changes) {
      if (metas.length) state.set(key, metas as Meta[]);
      else state.delete(key);
    }
    if (changes.length) view.presence = state;
    for (const { kind, key, metas, changed } of reports) {
      const values = kind ? [key, metas, changed] : [];
      this.#tell(id, PRESENCE_EVENTS[kind] ?? '', ...values);
    }
  }

  typing(id: number, who: string[]): void {
    this.#route(id).view.who = who;
    this.#tell(id, 'typing', who);
  }

  #tell(id: number, event: string, ...values: unknown[]): void {
    for (const subscriber of this.#present(id)) subscriber.tell?.(event, ...values);
  }

  /** The subscribers there are now; those that join meanwhile wait for the next report. */
  #present(id: number): Subscriber[] {
    return [...(this.#routes.get(id)?.subscribers ?? [])];
  }

  #route(id: number): Route {
    let route = this.#routes.get(id);
    if (!route) {
      const channel = this.#joining;
      route = { channel, subscribers: new Set(), view: newView() };
      if (this.#gaps.has(channel)) route.view.continuity = 'gap';
      this.#routes.set(id, route);
    }
    return route;
  }
}
