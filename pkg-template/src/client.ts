/** The client: everything that must work at the call, before and without the engine. */
import { channelHandle } from './channel.js';
import type { Host } from './client-internals.js';
import type {
  Errand,
  FacadeLedger,
  Operation,
  Outgoing,
  Part,
  Session,
  Subscriber,
} from './client-state.js';
import { collectionHandle } from './collection.js';
import type { ChannelOptions, Unsubscribe } from './common-types.js';
import { Emitter, rethrow } from './emitter.js';
import { RealtimeError } from './errors.js';
import { hurry, isPage, noPage, notLoaded, openCore, pause } from './loader.js';
import type { ClientOptions } from './options.js';
import { outcome } from './outcome.js';
import { depthOf, outgoing, overflow, unqueued } from './pending-send.js';
import type { SendOptions, Sent } from './sent.js';
import { type Payload, payloadOf, serialise } from './serialize.js';
import { createSnapshot, newView, noMetrics } from './snapshot.js';
import type { ClientSnapshot, LegacyState, MessageCallback, RealtimeClient } from './types.js';
import { checkFunction, checkName, copyOf, invalid } from './validate.js';
import { warn } from './warn.js';

const LEGACY_STATES: Record<string, LegacyState> = {
  connecting: 'connecting',
  reconnecting: 'connecting',
  authenticating: 'connected',
  ready: 'authenticated',
  failed: 'error',
};

const aborted = (what: string): RealtimeError =>
  new RealtimeError('aborted', `${what} was given up.`, 'The app asked for it.');

const destroyed = (): RealtimeError =>
  new RealtimeError('destroyed', 'The client was destroyed.', 'Make a new one.');

/**
 * Makes a client of its own, apart from all others. Nothing is loaded and nothing is connected until
 * the first `subscribe`, `channel`, `send` or `connect`.
 *
 * Where there is no `document` (server rendering) nothing ever is: subscriptions and handles do
 * nothing there, and sends fail with `engine_unavailable`.
 */
export function createRealtimeClient<Channels extends object = {}>(
  given: ClientOptions = {},
): RealtimeClient<Channels> {
  const options = copyOf(given);
  checkClientOptions(options);
  let next = 0;
  const emitter = new Emitter(report);
  const snapshot = createSnapshot(emitter);

  function report(cause: unknown, event?: string): void {
    // Its own listeners cannot be told of their own fault.
    if (event === 'error' || !emitter.has('error')) rethrow(cause);
    else {
      emitter.emit(
        'error',
        new RealtimeError('callback_failed', 'A callback threw.', 'See the cause.', { cause }),
      );
    }
  }

  const ledger: FacadeLedger = {
    options,
    engine: 'absent',
    subscribers: new Set(),
    sends: new Map(),
    log: new Map(),
    waiting: new Set(),
    emitter,
    report,
    ErrorClass: RealtimeError,
    serialise,
    snapshot: snapshot.get,
    update: snapshot.update,
    settle(send, outcome) {
      if (!sends.delete(send.number)) return;
      send.options.signal?.removeEventListener('abort', send.cancel);
      send.settle(outcome);
    },
  };

  const { subscribers, sends, log, waiting } = ledger;

  const session = (): Session | undefined =>
    typeof ledger.engine === 'object' ? ledger.engine : undefined;

  function endWaiting(error: RealtimeError): void {
    for (const [, settle] of waiting) settle(error);
    waiting.clear();
  }

  function checkAlive(): void {
    if (snapshot.get().state === 'closed') throw destroyed();
  }

  /** Does it now, or as soon as there is an engine. */
  function run(operation: Operation, subject: Subscriber | Outgoing | Operation = operation): void {
    const running = session();
    // While the log is being replayed the order stays.
    if (running && !log.size) {
      running[operation](subject as never);
      return;
    }
    // Set anew it would keep its old place.
    log.delete(subject);
    log.set(subject, operation);
    if (subject === operation) hurry();
    if (ledger.engine !== 'absent') return;
    ledger.engine = 'loading';
    ledger.update({ state: 'connecting', error: null }, 'demand');
    void load();
  }

  /** Loads the engine, again and again as long as it is needed. */
  async function load(): Promise<void> {
    for (let failures = 0; log.size && ledger.intent !== 'disconnect'; failures++) {
      try {
        await openCore(ledger);
        return;
      } catch (cause) {
        const error = notLoaded(cause);
        if (snapshot.get().error?.message !== error.message) {
          ledger.update({ error });
          emitter.emit('error', error);
          if (!emitter.has('error')) warn(error, ledger.options);
        }
      }
      await pause(failures);
    }
    ledger.engine = 'absent';
    // Else all was taken back, or the client was destroyed.
    if (log.size) ledger.update({ state: 'idle' }, 'no_demand');
  }

  /** Takes back what the engine has not seen; tells whether that was so. */
  function takeBack(subject: Subscriber | Outgoing): boolean {
    const unseen = log.delete(subject);
    if (unseen && !log.size && !session()) {
      ledger.update({ state: 'idle' }, 'no_demand');
      hurry();
    }
    return unseen;
  }

  function open(
    channel: string,
    options: ChannelOptions | null | undefined,
    part: Part,
  ): Subscriber {
    checkAlive();
    checkName(channel, 'channel');
    copyOf(options);
    const subscriber: Subscriber = {
      number: ++next,
      channel,
      options: options ?? {},
      view: newView(),
      ...part,
    };
    if (isPage()) {
      subscribers.add(subscriber);
      demand();
      run('subscribe', subscriber);
    } else noPage(ledger.options);
    return subscriber;
  }

  function close(subscriber: Subscriber): void {
    subscriber.view = { ...subscriber.view, state: 'left' };
    for (const send of sends.values()) {
      if (send.errand?.collection === subscriber && log.delete(send)) {
        ledger.settle(send, aborted('The change'));
      }
    }
    if (subscribers.delete(subscriber) && !takeBack(subscriber)) session()?.unsubscribe(subscriber);
  }

  /** Hands out what will have an outcome, in order. */
  function give(channel: string, payload: Payload, options: SendOptions, errand?: Errand): Sent {
    checkAlive();
    const send = outgoing(++next, channel, payload, options, errand, () => {
      if (!giveUp(aborted('The send'))) session()?.cancel(send);
    });
    const giveUp = (error: RealtimeError): boolean => {
      if (!takeBack(send)) return false;
      refuse(error);
      countWaiting();
      return true;
    };
    /** Settles what the engine never sees. */
    const refuse = (error: RealtimeError): void => {
      ledger.settle(send, error);
      if (error.code === 'aborted') return;
      setTimeout(
        () => send.sent.acked.isObserved || emitter.has('error') || warn(error, ledger.options),
      );
    };
    const { signal } = options;
    if (signal) checkFunction(signal.addEventListener, 'signal.addEventListener');
    signal?.addEventListener('abort', send.cancel);
    sends.set(send.number, send);
    const error = !isPage()
      ? noPage(ledger.options)
      : signal?.aborted
        ? aborted('The send')
        : // The engine bounds its queue itself; this is for the one before it.
          !session() && overflow(sends, send, ledger.options);
    if (error) refuse(error);
    else {
      demand();
      const ttl = options.ttlMs ?? ledger.options.queue?.ttlMs;
      // For what the engine has not seen then. Beyond that a timer would be due at once.
      if (typeof ttl === 'number' && ttl < 2 ** 31) {
        setTimeout(() => giveUp(unqueued('expired', send)), ttl);
      }
      run('send', send);
      countWaiting();
    }
    return send.sent;
  }

  /** The engine counts by itself. */
  function countWaiting(): void {
    if (!session()) ledger.update({ queueDepth: depthOf(sends) });
  }

  /** A new subscriber or send ends a `disconnect()`. */
  function demand(): void {
    if (ledger.intent === 'disconnect') ledger.intent = undefined;
  }

  const client: RealtimeClient = {
    subscribe(
      channel: string,
      options: ChannelOptions | undefined,
      callback?: MessageCallback<never> | null,
    ): Unsubscribe {
      if (callback != null) checkFunction(callback, 'callback');
      const subscriber = open(channel, options, {
        deliver: callback as MessageCallback<unknown>,
      });
      return () => close(subscriber);
    },

    channel: (name: string, options?: ChannelOptions) =>
      channelHandle(host, name, options) as never,

    collection: (channel, options) => collectionHandle(host, channel, copyOf(options)),

    send(channel: string, message: unknown, options?: SendOptions): Sent {
      checkAlive();
      checkName(channel, 'channel');
      return give(channel, payloadOf(message), copyOf(options));
    },

    connect(): Promise<void> {
      checkAlive();
      const entry = outcome<void>();
      const [ready, settle] = entry;
      if (isPage()) {
        if (client.isReady()) settle();
        else waiting.add(entry);
        ledger.intent = 'connect';
        run('connect');
      } else settle(noPage(ledger.options));
      return ready;
    },

    disconnect(): void {
      checkAlive();
      ledger.intent = 'disconnect';
      // With no engine and none under way there is nothing to close.
      if (ledger.engine !== 'absent') run('disconnect');
      endWaiting(aborted('connect()'));
    },

    destroy(): void {
      if (client.state === 'closed') return;
      session()?.destroy();
      for (const send of sends.values()) ledger.settle(send, destroyed());
      for (const subscriber of subscribers) close(subscriber);
      ledger.engine = 'loading';
      log.clear();
      endWaiting(destroyed());
      ledger.update({ state: 'closed', quality: 'offline', queueDepth: 0 }, 'destroyed');
      emitter.clear();
    },

    configure(changes: ClientOptions): void {
      checkAlive();
      const options = { ...ledger.options, ...copyOf(changes) };
      checkClientOptions(options);
      session()?.configure(options);
      ledger.options = options;
    },

    setToken(token: string | null): void {
      checkAlive();
      if (token) checkName(token, 'token');
      ledger.token = token;
      session()?.setToken();
    },

    get state() {
      return snapshot.get().state;
    },
    get quality() {
      return snapshot.get().quality;
    },
    get error() {
      return snapshot.get().error;
    },
    getState: () => LEGACY_STATES[client.state] ?? 'disconnected',
    isReady: () => client.state === 'ready',
    getMetrics: () => session()?.metrics() ?? noMetrics(subscribers.size, depthOf(sends)),
    getChannelStats() {
      const channels = session()?.channelStats() ?? [];
      return { totalChannels: channels.length, channels };
    },
    getSnapshot: (): ClientSnapshot => snapshot.get(),
    on(event, listener) {
      checkAlive();
      checkName(event, 'event');
      return emitter.on(event, listener);
    },
  };

  const host: Host = {
    client,
    protocol: () => ledger.options.protocol,
    report,
    open,
    close,
    give,
    session() {
      checkAlive();
      return session();
    },
  };

  return client as RealtimeClient<Channels>;
}

/** Throws if these, which are a copy, can be no client's options. Numbers are checked by the engine, when there is one. */
function checkClientOptions(options: ClientOptions): void {
  if (options.getToken !== undefined) checkFunction(options.getToken, 'getToken');
  if (options.queue) options.queue = copyOf(options.queue, 'queue');
  if (options.protocol !== 'supabase') return;
  checkName(options.apiKey, 'apiKey');
  if (!options.url) throw invalid('url', "the project's address");
}
