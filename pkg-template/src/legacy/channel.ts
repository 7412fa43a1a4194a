/** A channel with the methods of realtime-js that legacy code calls, on any protocol. */

import { Supabase } from '../generated/facade.js';
import type {
  Channel,
  ErrorCode,
  MessageCallback,
  PostgresFilter,
  PresenceListener,
  RealtimeClient,
  RealtimeError,
  Unsubscribe,
} from '../index.js';
import type {
  ChannelMessage,
  SendStatus,
  SubscribeStatus,
  SupabaseChannel,
} from '../supabase/index.js';
import type { Listener } from './listeners.js';
import { watchPresence } from './presence.js';

/** The errors that are reported as `timed out`. */
const TIMEOUTS: readonly ErrorCode[] = [
  'ack_timeout',
  'expired',
  'join_timeout',
  'connect_timeout',
  'heartbeat_timeout',
];

/** Whether a channel is joined. */
export const isJoined = ({ state }: Pick<Channel, 'state'>): boolean =>
  state === 'joined' || state === 'ready';

/** A channel of the shared client. It is left with {@link unsubscribe}, or when its owner releases the handle. */
export class LegacyChannel {
  /** The name in Supabase's protocol. */
  readonly topic: string;
  readonly subTopic: string;
  readonly #client: RealtimeClient;
  readonly #handle: Channel;
  readonly #ends: Unsubscribe[] = [];

  constructor(client: RealtimeClient, handle: Channel) {
    this.#client = client;
    this.#handle = handle;
    this.subTopic = handle.name;
    this.topic = Supabase.TopicPrefix + handle.name;
  }

  get state(): SupabaseChannel['state'] {
    if (isJoined(this.#handle)) return 'joined';
    const { state } = this.#handle;
    return state === 'joining' ? 'joining' : state === 'failed' ? 'errored' : 'closed';
  }

  /** Listens to broadcasts of an event (`'*'`: all), to presence, or on Supabase to the changes of a table. */
  on(
    type: 'broadcast' | 'presence' | 'postgres_changes',
    filter: PostgresFilter | { event?: string },
    callback: Listener,
  ): this {
    const { event = '*' } = filter;
    const handle = this.#handle;
    const matches = (name: string | undefined): boolean => event === '*' || event === name;
    if (type === 'broadcast') {
      const receive: MessageCallback<unknown> = (payload, meta) => {
        if (!meta.kind && matches(meta.event)) callback({ type, event: meta.event, payload });
      };
      this.#ends.push(handle.on('*', receive));
    } else if (type === 'postgres_changes') {
      this.#ends.push(handle.on(type, filter as PostgresFilter, (change) => callback(change)));
    } else {
      if (matches('sync')) {
        this.#ends.push(watchPresence(handle, () => callback({ event: 'sync' })));
      }
      for (const [kind, name] of [
        ['join', 'newPresences'],
        ['leave', 'leftPresences'],
      ] as const) {
        const change: PresenceListener = (key, metas, changed) =>
          callback({ event: kind, key, currentPresences: metas, [name]: changed });
        if (matches(kind)) this.#ends.push(handle.presence.on(kind, change));
      }
    }
    return this;
  }

  /** Calls back with the channel's status, now and with every change. */
  subscribe(callback?: (status: SubscribeStatus, error?: Error) => void): this {
    if (!callback) return this;
    let lastStatus: SubscribeStatus | undefined;
    const report = (status: SubscribeStatus, error?: Error): void => {
      if (status === lastStatus) return;
      lastStatus = status;
      callback(status, error);
    };
    this.#ends.push(
      this.#client.on('channel', ({ channel, reason, error }) => {
        if (channel !== this.subTopic) return;
        if (isJoined(this.#handle)) report('SUBSCRIBED');
        else if (reason === 'join_timeout') report('TIMED_OUT', error ?? undefined);
        else if (lastStatus || error) report('CHANNEL_ERROR', error ?? undefined);
      }),
    );
    queueMicrotask(() => {
      if (isJoined(this.#handle)) report('SUBSCRIBED');
    });
    return this;
  }

  /** Sends a message. `ok` once the server has acknowledged it, or, without acknowledgements, once it is written to a socket. */
  async send({ event, payload = {} }: ChannelMessage & { type: 'broadcast' }): Promise<SendStatus> {
    return this.#settled(this.#handle.send(event, payload));
  }

  track(payload: object): Promise<SendStatus> {
    return this.#settled(this.#handle.presence.track(payload));
  }

  untrack(): Promise<SendStatus> {
    return this.#settled(this.#handle.presence.untrack());
  }

  presenceState(): Record<string, object[]> {
    return Object.fromEntries(
      [...this.#handle.presence.state].map(([key, metas]) => [key, [...metas]]),
    );
  }

  /** Removes all callbacks, and releases the channel. */
  async unsubscribe(): Promise<'ok'> {
    for (const end of this.#ends.splice(0)) end();
    this.#handle.release();
    return 'ok';
  }

  async #settled({ acked }: { acked: Promise<unknown> }): Promise<SendStatus> {
    return acked.then(
      () => 'ok',
      ({ code }: RealtimeError) => (TIMEOUTS.includes(code) ? 'timed out' : 'error'),
    );
  }
}

/** An object with a channel's name: one of this module, of supabase-js, or a handle of a client. */
export interface NamedChannel {
  topic?: string;
  subTopic?: string;
  name?: string;
}

export const nameOf = ({ subTopic, topic, name }: NamedChannel): string =>
  subTopic ??
  name ??
  (topic?.startsWith(Supabase.TopicPrefix) ? topic.slice(Supabase.TopicPrefix.length) : topic) ??
  '';
