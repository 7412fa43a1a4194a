/** A channel with realtime-js's methods. */
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

/** One `on(…)`. */
interface Binding {
  type: string;
  filter: PostgresFilter | { event?: string };
  callback: Callback;
}

/** Its membership of the channel. */
interface Membership {
  handle: Channel;
  /** What `subscribe` told last. */
  told: SubscribeStatus | undefined;
  ends: Unsubscribe[];
  /** Whether presence is listened to. */
  watches: boolean;
}

/** How long presence waits for an answer if the app does not say, as with realtime-js, in milliseconds. */
const PRESENCE_TIMEOUT_MS = 10_000;

/** How what was sent ended; after `timeout`, if there is one, that it did not. */
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

/** Calls one of the app's functions; what it throws shows as uncaught, and harms no other. */
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
 * A channel in realtime-js's shape on a client that there is already. Each call gives one of its own:
 * all of one name share the client's one membership, and each leaves alone.
 */
export const supabaseChannel = (
  client: RealtimeClient,
  name: string,
  options: SupabaseChannelOptions = {},
): SupabaseChannel => new OpenChannel(name, client, options, () => {});

/** The channel `name`; `remove` is told when it is left. */
export class OpenChannel implements SupabaseChannel {
  readonly topic: string;
  readonly #client: RealtimeClient;
  readonly #config: NonNullable<SupabaseChannelOptions['config']>;
  readonly #remove: (channel: OpenChannel) => void;
  readonly #bindings: Binding[] = [];
  #membership: Membership | undefined;
  /** The last error that `subscribe` told. */
  #reported: Error | null | undefined;
  #callback: ((status: SubscribeStatus, error?: Error) => void) | undefined;

  constructor(
    readonly subTopic: string,
    client: RealtimeClient,
    { config = {} }: SupabaseChannelOptions,
    remove: (channel: OpenChannel) => void,
  ) {
    this.topic = `realtime:${subTopic}`;
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
    membership.handle.on('system', (message) => this.#tell('system', message));
    for (const binding of this.#bindings) this.#attach(membership, binding);
    // It may be joined already, by others or a moment ago; or there has been no connection for a while.
    queueMicrotask(() => {
      if (this.#membership !== membership) return;
      this.#see(membership.handle.state);
      const { state, error } = this.#client;
      // On a server nothing is connected, and nothing has failed.
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
    // Nobody is present where they are no member.
    if (!own && type === 'presence') return 'error';
    // Who has not subscribed is a member for as long as sending takes.
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
    if (membership.told !== 'CLOSED') this.#report('CLOSED');
    return 'ok';
  }

  get #isPrivate(): Pick<ChannelOptions, 'private'> {
    return this.#config.private ? { private: true } : {};
  }

  get #wantsPresence(): boolean {
    return (
      this.#config.presence?.enabled === true ||
      this.#bindings.some(({ type }) => type === 'presence')
    );
  }

  /** The join's options. */
  #wishes(): ChannelOptions {
    const { broadcast, presence } = this.#config;
    const changes = this.#bindings.filter(({ type }) => type === 'postgres_changes');
    return {
      ...this.#isPrivate,
      ...(changes.length && { postgresChanges: changes.map(({ filter }) => filter) }),
      broadcast: { ack: false, self: false, ...broadcast },
      // Its key counts even if nobody listens.
      params: { presence: { ...presence, enabled: this.#wantsPresence } },
    } as ChannelOptions;
  }

  #join(): Membership {
    const client = this.#client;
    // All it asks for at once, so that there is one join.
    const ends = [client.subscribe(this.subTopic, this.#wishes())];
    ends.push(
      client.on('channel', (status) => {
        if (this.#membership && status.channel === this.subTopic) this.#heard(status);
      }),
      client.on('state', (state, { error }) => this.#connection(state, error)),
    );
    return { handle: this.#open(), told: undefined, ends, watches: false };
  }

  /** A handle: presence is asked for by the join, and by nothing else. */
  #open(): Channel {
    return this.#client.channel(this.subTopic, {
      ...this.#isPrivate,
      presence: false,
      onError: (error) => this.#failed(error),
    });
  }

  /** Lets a binding hear what it asked for. */
  #attach(membership: Membership, { type, filter, callback }: Binding): void {
    const { handle, ends } = membership;
    if (type === 'postgres_changes') {
      handle.on('postgres_changes', filter as PostgresFilter, (change) => call(callback, change));
    }
    if (type !== 'presence' || membership.watches) return;
    membership.watches = true;
    const { key } = this.#config.presence ?? {};
    // The join has it already, unless this came later.
    const options = { ...this.#isPrivate, presence: key ? { key } : true };
    ends.push(this.#client.subscribe(this.subTopic, options));
    watchPresence(handle.presence, (change) => this.#tell('presence', change, change.event));
  }

  #broadcast(payload: unknown, { event = '', id, recovered }: MessageMeta): void {
    const meta = id === undefined ? {} : { meta: { id, ...(recovered && { replayed: true }) } };
    this.#tell('broadcast', { type: 'broadcast', event, payload, ...meta }, event);
  }

  /** Tells the bindings of one type, and if there are several kinds of it those of one. */
  #tell(type: string, message: unknown, event?: string): void {
    for (const { type: own, filter, callback } of [...this.#bindings]) {
      const wanted = filter?.event?.toLowerCase();
      const isWanted = event === undefined || wanted === '*' || wanted === event.toLowerCase();
      if (own === type && isWanted) call(callback, message);
    }
  }

  #heard({ state, reason, error }: ChannelStatus): void {
    if (reason === 'join_timeout') this.#report('TIMED_OUT', error);
    else if (/refused|ended/.test(reason)) this.#report('CHANNEL_ERROR', error);
    else if (reason !== 'connection_down') this.#see(state);
    // While there is no connection, that was reported before.
    else if (this.#membership?.told === 'SUBSCRIBED') this.#report('CHANNEL_ERROR', error);
  }

  /** Whoever waits to be joined is told once that there is no connection. */
  #connection(state: State, error: Error | null | undefined): void {
    const told = this.#membership?.told;
    if (!this.#membership || told === 'CLOSED') return;
    if (state === 'closed') this.#report('CLOSED');
    else if (!told && /idle|reconnecting|offline|failed/.test(state)) {
      const { code } = (error ?? {}) as Partial<RealtimeError>;
      const status = code === 'connect_timeout' ? 'TIMED_OUT' : 'CHANNEL_ERROR';
      this.#report(status, error ?? Error(`There is no connection: ${state}.`));
    }
  }

  /** Of what ended it for good the engine may not have told: there may be none. */
  #failed(error: RealtimeError): void {
    if (this.state === 'errored') this.#report('CHANNEL_ERROR', error);
  }

  #see(state: Channel['state']): void {
    const waits = this.#config.postgres_changes_options?.wait;
    const isIn = state === 'ready' || (state === 'joined' && !waits);
    if (isIn && this.#membership?.told !== 'SUBSCRIBED') this.#report('SUBSCRIBED');
  }

  #report(status: SubscribeStatus, cause?: Error | null): void {
    if (cause && cause === this.#reported) return;
    if (this.#membership) this.#membership.told = status;
    this.#reported = cause;
    const callback = this.#callback;
    if (!callback) return;
    const error = status === 'CHANNEL_ERROR' ? (cause ?? this.#client.error) : cause;
    call(() => (error ? callback(status, error) : callback(status)));
  }
}
