/**
 * What the components of a page say of its user on a channel. The server knows one presence a client and
 * channel, so they share it: the newest component's counts, and with the last one it ends.
 */
import type { Channel, ChannelOptions, RealtimeClient } from '../index.js';
import { isAlike } from './deep-equal.js';
import { attempt, isAlive, throwLater } from './errors.js';

/** How somebody is present. */
export interface PresenceOptions extends ChannelOptions {
  /** What to be known by, where the server lets its clients choose. With Supabase: `presence: { key }`. */
  key?: string;
}

/** What of it is the channel's. */
export function channelOptions({ key, ...options }: PresenceOptions): ChannelOptions {
  return options;
}

/** What is said on one channel. */
class Claims {
  readonly #claims = new Map<symbol, object>();
  #phase: 'settled' | 'due' = 'settled';
  #handle: Channel | undefined;
  #said: object | undefined;

  constructor(
    readonly client: RealtimeClient,
    readonly channel: string,
    readonly options: PresenceOptions,
    readonly ended: () => void,
  ) {}

  set(claim: symbol, me: object | undefined): void {
    this.#claims.delete(claim);
    if (me) this.#claims.set(claim, me);
    if (this.#phase === 'due') return;
    this.#phase = 'due';
    // A component that comes back in the same task says nothing new.
    queueMicrotask(() => {
      this.#phase = 'settled';
      attempt(() => this.#settle(), throwLater);
    });
  }

  #settle(): void {
    const me = [...this.#claims.values()].at(-1);
    if (!me) this.ended();
    if (!isAlive(this.client)) return;
    if (me && !this.#handle) {
      // The components' own handles have the newest params.
      const { key, params, ...options } = this.options;
      this.#handle = this.client.channel(this.channel, options);
      this.#handle.presence.track(me, key === undefined ? undefined : { key });
    } else if (me) {
      if (!isAlike(me, this.#said)) this.#handle?.presence.update(me);
    } else {
      this.#handle?.presence.untrack();
      this.#handle?.release();
      this.#handle = undefined;
    }
    this.#said = me;
  }
}

/** Filled by effects alone, and emptied by them. */
const all = new WeakMap<RealtimeClient, Map<string, Claims>>();

/** Says it for a component; returns what takes it back. */
export function claim(
  client: RealtimeClient,
  channel: string,
  me: object,
  options: PresenceOptions,
): () => void {
  const channels = all.get(client) ?? new Map<string, Claims>();
  all.set(client, channels);
  const claims =
    channels.get(channel) ?? new Claims(client, channel, options, () => channels.delete(channel));
  channels.set(channel, claims);
  const own = Symbol(channel);
  claims.set(own, me);
  return () => claims.set(own, undefined);
}
