/**
 * The presence that the components of a page share. The server has one presence per client and
 * channel, so that of the last component counts, and it ends when the last one is unmounted.
 */
import type { Channel, ChannelOptions, RealtimeClient } from '../index.js';
import { deepEqual } from './deep-equal.js';
import { attempt, isAlive, throwLater } from './errors.js';

/** Options of presence. */
export interface PresenceOptions extends ChannelOptions {
  /** This client's presence key, where the server lets clients choose. With Supabase: `presence: { key }`. */
  key?: string;
}

/** Returns the options of the channel. */
export function channelOptions({ key, ...options }: PresenceOptions): ChannelOptions {
  return options;
}

/** This client's presence on one channel. */
class SharedPresence {
  readonly #metas = new Map<symbol, object>();
  #phase: 'settled' | 'due' = 'settled';
  #handle: Channel | undefined;
  #tracked: object | undefined;

  constructor(
    readonly client: RealtimeClient,
    readonly channel: string,
    readonly options: PresenceOptions,
    readonly ended: () => void,
  ) {}

  set(component: symbol, me: object | undefined): void {
    this.#metas.delete(component);
    if (me) this.#metas.set(component, me);
    if (this.#phase === 'due') return;
    this.#phase = 'due';
    // A component that is mounted again in the same task changes nothing.
    queueMicrotask(() => {
      this.#phase = 'settled';
      attempt(() => this.#update(), throwLater);
    });
  }

  #update(): void {
    const me = [...this.#metas.values()].at(-1);
    if (!me) this.ended();
    if (!isAlive(this.client)) return;
    if (me && !this.#handle) {
      // The components' own handles have the latest params.
      const { key, params, ...options } = this.options;
      this.#handle = this.client.channel(this.channel, options);
      this.#handle.presence.track(me, key === undefined ? undefined : { key });
    } else if (me) {
      if (!deepEqual(me, this.#tracked)) this.#handle?.presence.update(me);
    } else {
      this.#handle?.presence.untrack();
      this.#handle?.release();
      this.#handle = undefined;
    }
    this.#tracked = me;
  }
}

/** Changed by effects only. */
const sharedByClient = new WeakMap<RealtimeClient, Map<string, SharedPresence>>();

/** Sets a component's presence; returns the function that removes it. */
export function sharePresence(
  client: RealtimeClient,
  channel: string,
  me: object,
  options: PresenceOptions,
): () => void {
  const channels = sharedByClient.get(client) ?? new Map<string, SharedPresence>();
  sharedByClient.set(client, channels);
  const shared =
    channels.get(channel) ??
    new SharedPresence(client, channel, options, () => channels.delete(channel));
  channels.set(channel, shared);
  const component = Symbol(channel);
  shared.set(component, me);
  return () => shared.set(component, undefined);
}
