/** A channel with realtime-js's methods. */

import { Supabase } from '../generated/facade.js';
import type {
  Channel,
  ChannelOptions,
  ChannelStatus,
  MessageMeta,
  PostgresFilter,
  RealtimeClient,
  RealtimeError,
  Sent,
  State,
  Unsubscribe,
} from '../index.js';
import type {
  ChannelMessage,
  PresenceState,
  SendStatus,
  SubscribeStatus,
  SupabaseChannel,
  SupabaseChannelOptions,
} from './channel-types.js';
import { presenceState, watchPresence } from './presences.js';

// biome-ignore lint/suspicious/noExplicitAny: what a callback takes depends on the type it listens to.
type Callback = (message?: any) => void;

/** A listener, added by `on(…)`. */
interface Binding {
  type: string;
  filter: PostgresFilter | { event?: string };
  callback: Callback;
}

/** The channel's handle at the client, and its listeners, while it is subscribed. */
interface Membership {
  handle: Channel;
  /** The status that the callback of `subscribe` received last. */
  lastStatus: SubscribeStatus | undefined;
  ends: Unsubscribe[];
  /** Whether the listeners of presence are added. */
  watchesPresence: boolean;
}

/** The default timeout of presence, that of realtime-js, in milliseconds. */
const PRESENCE_TIMEOUT_MS = 10_000;

/** Returns the outcome of a send; `timed out` after `timeout`, if given. */
function statusOf(sent: Sent, timeout: number | undefined): Promise<SendStatus> {
  const ended = sent.acked.then<SendStatus, SendStatus>(
    () => 'ok',
    ({ code }: RealtimeError) => (/timeout|expired/.test(code) ? 'timed out' : 'error'),
  );
  if (timeout === undefined) return ended;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeout, 'timed out');
    void ended.then((status) => {
      clearTimeout(timer);
      resolve(status);
    });
  });
}

/** Calls one of the app's functions; an error it throws is reported as uncaught, and does not affect the others. */
function call(callback: Callback, message?: unknown): void {
  try {
    callback(message);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/**
 * Returns a channel with realtime-js's methods on an existing client. Each call returns a new one: those of
 * the same name share one join, and are unsubscribed separately.
 */
export const supabaseChannel = (
  client: RealtimeClient,
  name: string,
  options: SupabaseChannelOptions = {},
): SupabaseChannel => new OpenChannel(name, client, options, () => {});

/** A channel; calls `remove` when it is unsubscribed. */
export class OpenChannel implements SupabaseChannel {
  readonly topic: string;
  readonly #client: RealtimeClient;
  readonly #config: NonNullable<SupabaseChannelOptions['config']>;
  readonly #remove: (channel: OpenChannel) => void;
  readonly #bindings: Binding[] = [];
  #membership: Membership | undefined;
  /** The error that the callback of `subscribe` received last. */
  #reported: Error | null | undefined;
  #callback: ((status: SubscribeStatus, error?: Error) => void) | undefined;

  constructor(
    readonly subTopic: string,
    client: RealtimeClient,
    { config = {} }: SupabaseChannelOptions,
    remove: (channel: OpenChannel) => void,
  ) {
    this.topic = `${Supabase.TopicPrefix}${subTopic}`;
    this.#client = client;
    this.#config = config;
    this.#remove = remove;
  }

  get state(): SupabaseChannel['state'] {
    switch (this.#membership?.handle.state) {
      case 'joined':
      case 'ready':
        return 'joined';
      case 'joining':
        return 'joining';
      case 'failed':
        return 'errored';
      default:
        return 'closed';
    }
  }

  on(type: string, filter: Binding['filter'], callback: Callback): this {
    const binding = { type: type.toLowerCase(), filter, callback };
    this.#bindings.push(binding);
    if (this.#membership) this.#attach(this.#membership, binding);
    return this;
  }

  subscribe(callback?: (status: SubscribeStatus, error?: Error) => void): this {
    if (this.#membership) return this;
    this.#callback = callback;
    let membership: Membership;
    try {
      membership = this.#join();
    } catch (error) {
      this.#report('CHANNEL_ERROR', error as RealtimeError);
      return this;
    }
    this.#membership = membership;
    membership.handle.on('*', (message, meta) => this.#broadcast(message, meta));
    membership.handle.on('system', (message) => this.#emit('system', message));
    for (const binding of this.#bindings) this.#attach(membership, binding);
    // The channel may be joined already; or the client may have had no connection for a while.
    queueMicrotask(() => {
      if (this.#membership !== membership) return;
      this.#onState(membership.handle.state);
      const { state, error } = this.#client;
      // On a server there is no connection, and that is not a failure.
      if (state !== 'idle') this.#connection(state, error);
    });
    return this;
  }

  async send(
    { type, event, payload = {} }: ChannelMessage,
    { timeout }: { timeout?: number } = {},
  ): Promise<SendStatus> {
    if (!/broadcast|presence/.test(type)) return 'error';
    const own = this.#membership?.handle;
    // Presence needs a membership.
    if (!own && type === 'presence') return 'error';
    // Without a subscription the channel is joined for as long as the send takes.
    const handle = own ?? this.#open();
    try {
      if (type === 'presence') {
        const { presence } = handle;
        return await statusOf(
          event === 'untrack' ? presence.untrack() : presence.track(payload as object),
          timeout ?? PRESENCE_TIMEOUT_MS,
        );
      }
      const ack = this.#config.broadcast?.ack === true;
      const options = { ack, ...(timeout !== undefined && { timeoutMs: timeout }) };
      return await statusOf(handle.send(event, payload, options), timeout);
    } finally {
      if (!own) handle.release();
    }
  }

  track(payload: object, options?: { timeout?: number }): Promise<SendStatus> {
    return this.send({ type: 'presence', event: 'track', payload }, options);
  }

  untrack(options?: { timeout?: number }): Promise<SendStatus> {
    return this.send({ type: 'presence', event: 'untrack' }, options);
  }

  presenceState<T extends object = {}>(): PresenceState<T> {
    const presence = this.#membership?.handle.presence;
    return (presence ? presenceState(presence) : {}) as PresenceState<T>;
  }

  async unsubscribe(): Promise<SendStatus> {
    const membership = this.#membership;
    if (!membership) return 'ok';
    this.#membership = undefined;
    membership.handle.release();
    for (const end of membership.ends) end();
    this.#remove(this);
    if (membership.lastStatus !== 'CLOSED') this.#report('CLOSED');
    return 'ok';
  }

  get #privateOption(): Pick<ChannelOptions, 'private'> {
    return this.#config.private ? { private: true } : {};
  }

  get #presenceEnabled(): boolean {
    return (
      this.#config.presence?.enabled === true ||
      this.#bindings.some(({ type }) => type === 'presence')
    );
  }

  /** Returns the options of the join. */
  #joinOptions(): ChannelOptions {
    const { broadcast, presence } = this.#config;
    const changes = this.#bindings.filter(({ type }) => type === 'postgres_changes');
    return {
      ...this.#privateOption,
      ...(changes.length && { postgresChanges: changes.map(({ filter }) => filter) }),
      broadcast: { ack: false, self: false, ...broadcast },
      // The key is sent even without listeners.
      params: { presence: { ...presence, enabled: this.#presenceEnabled } },
    } as ChannelOptions;
  }

  #join(): Membership {
    const client = this.#client;
    // All options at once, so that there is one join.
    const ends = [client.subscribe(this.subTopic, this.#joinOptions())];
    ends.push(
      client.on('channel', (status) => {
        if (this.#membership && status.channel === this.subTopic) this.#onChannelStatus(status);
      }),
      client.on('state', (state, { error }) => this.#connection(state, error)),
    );
    return { handle: this.#open(), lastStatus: undefined, ends, watchesPresence: false };
  }

  /** Opens a handle, without presence, which the join's options enable. */
  #open(): Channel {
    return this.#client.channel(this.subTopic, {
      ...this.#privateOption,
      presence: false,
      onError: (error) => this.#failed(error),
    });
  }

  /** Adds a binding's listener to the membership. */
  #attach(membership: Membership, { type, filter, callback }: Binding): void {
    const { handle, ends } = membership;
    if (type === 'postgres_changes') {
      handle.on('postgres_changes', filter as PostgresFilter, (change) => call(callback, change));
    }
    if (type !== 'presence' || membership.watchesPresence) return;
    membership.watchesPresence = true;
    const { key } = this.#config.presence ?? {};
    // The join enables it already, unless the binding was added later.
    const options = { ...this.#privateOption, presence: key ? { key } : true };
    ends.push(this.#client.subscribe(this.subTopic, options));
    watchPresence(handle.presence, (change) => this.#emit('presence', change, change.event));
  }

  #broadcast(payload: unknown, { event = '', id, recovered }: MessageMeta): void {
    const meta = id === undefined ? {} : { meta: { id, ...(recovered && { replayed: true }) } };
    this.#emit('broadcast', { type: 'broadcast', event, payload, ...meta }, event);
  }

  /** Calls the bindings of a type; with an `event`, those whose filter matches it. */
  #emit(type: string, message: unknown, event?: string): void {
    for (const { type: own, filter, callback } of [...this.#bindings]) {
      const name = filter?.event?.toLowerCase();
      const matches = event === undefined || name === '*' || name === event.toLowerCase();
      if (own === type && matches) call(callback, message);
    }
  }

  #onChannelStatus({ state, reason, error }: ChannelStatus): void {
    if (reason === 'join_timeout') this.#report('TIMED_OUT', error);
    else if (/refused|ended/.test(reason)) this.#report('CHANNEL_ERROR', error);
    else if (reason !== 'connection_down') this.#onState(state);
    // Only if it was subscribed: the loss of the connection has been reported already otherwise.
    else if (this.#membership?.lastStatus === 'SUBSCRIBED') this.#report('CHANNEL_ERROR', error);
  }

  /** Reports once that there is no connection, if the channel is not joined yet. */
  #connection(state: State, error: Error | null | undefined): void {
    const lastStatus = this.#membership?.lastStatus;
    if (!this.#membership || lastStatus === 'CLOSED') return;
    if (state === 'closed') this.#report('CLOSED');
    else if (!lastStatus && /idle|reconnecting|offline|failed/.test(state)) {
      const { code } = (error ?? {}) as Partial<RealtimeError>;
      const status = code === 'connect_timeout' ? 'TIMED_OUT' : 'CHANNEL_ERROR';
      this.#report(status, error ?? Error(`There is no connection: ${state}.`));
    }
  }

  /** Reports a final failure, which without an engine is reported by no status. */
  #failed(error: RealtimeError): void {
    if (this.state === 'errored') this.#report('CHANNEL_ERROR', error);
  }

  #onState(state: Channel['state']): void {
    const waits = this.#config.postgres_changes_options?.wait;
    const isJoined = state === 'ready' || (state === 'joined' && !waits);
    if (isJoined && this.#membership?.lastStatus !== 'SUBSCRIBED') this.#report('SUBSCRIBED');
  }

  #report(status: SubscribeStatus, cause?: Error | null): void {
    if (cause && cause === this.#reported) return;
    if (this.#membership) this.#membership.lastStatus = status;
    this.#reported = cause;
    const callback = this.#callback;
    if (!callback) return;
    const error = status === 'CHANNEL_ERROR' ? (cause ?? this.#client.error) : cause;
    call(() => (error ? callback(status, error) : callback(status)));
  }
}
