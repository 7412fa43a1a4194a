/** The client: everything that must work at the call, before and without the engine. */
import { channelHandle } from './channel.js';
import { collectionHandle } from './collection.js';
import { checkFunction, checkName, copyOf, invalid, payloadOf, serialise } from './door.js';
import { Emitter, rethrow } from './emitter.js';
import { RealtimeError } from './errors.js';
import type { Host } from './host.js';
import type { Ledger, Operation, Part, Session, Subscriber } from './ledger.js';
import { isPage, loadCore, noPage } from './loader.js';
import type { ClientOptions } from './options.js';
import {
  depthOf,
  type Errand,
  type Outgoing,
  outgoing,
  overflow,
  type Payload,
} from './outgoing.js';
import type { SendOptions, Sent } from './sent.js';
import { createSnapshot, newView, noMetrics } from './snapshot.js';
import type {
  ChannelOptions,
  ClientSnapshot,
  LegacyState,
  MessageCallback,
  RealtimeClient,
  Unsubscribe,
} from './types.js';

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
  new RealtimeError(
    'destroyed',
    'The client was destroyed.',
    'Make a new one with createRealtimeClient().',
  );

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
  const waiting = new Set<[resolve: () => void, reject: (error: RealtimeError) => void]>();
  const emitter = new Emitter(report);
  const snapshot = createSnapshot(emitter);

  function report(cause: unknown, event?: string): void {
    const heard =
      // Its own listeners cannot be told of their own fault.
      event !== 'error' &&
      emitter.emit(
        'error',
        new RealtimeError('callback_failed', 'A callback threw.', 'See the cause.', { cause }),
      );
    if (!heard) rethrow(cause);
  }

  const ledger: Ledger = {
    options,
    token: undefined,
    engine: 'absent',
    intent: undefined,
    subscribers: new Set(),
    sends: new Map(),
    tracked: new Map(),
    log: new Map(),
    makeError: (...parts) => new RealtimeError(...parts),
    serialise,
    snapshot: snapshot.get,
    update(changes, reason) {
      snapshot.update(changes, reason);
      const { state, error } = snapshot.get();
      if (/ready|failed/.test(state)) endWaiting(error);
    },
    emit: emitter.emit.bind(emitter),
    call(callback, ...values) {
      try {
        callback?.(...values);
      } catch (error) {
        report(error);
      }
    },
    settle(send, outcome) {
      if (!sends.delete(send.number)) return;
      send.options.signal?.removeEventListener('abort', send.cancel);
      send.settle(outcome);
    },
    refuse(subscriber, error) {
      subscribers.delete(subscriber);
      subscriber.view = { ...subscriber.view, state: 'failed', error };
      subscriber.rows?.show({ isLoading: false, error });
      ledger.call(subscriber.options.onError, error);
    },
    fail(error) {
      ledger.engine = 'absent';
      ledger.intent = undefined;
      log.clear();
      for (const send of sends.values()) ledger.settle(send, error);
      for (const subscriber of subscribers) ledger.refuse(subscriber, error);
      ledger.update({ state: 'failed', error, queueDepth: 0 }, error.code);
      emitter.emit('error', error);
    },
  };

  const { subscribers, sends, log } = ledger;

  const session = (): Session | undefined =>
    typeof ledger.engine === 'object' ? ledger.engine : undefined;

  function endWaiting(error?: RealtimeError | null): void {
    for (const entry of waiting) {
      waiting.delete(entry);
      error ? entry[1](error) : entry[0]();
    }
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
    if (ledger.engine !== 'absent') return;
    ledger.engine = 'loading';
    ledger.update({ state: 'connecting', error: null }, 'demand');
    loadCore(ledger.options.wasm).then((core) => core.open(ledger), ledger.fail);
  }

  /** Takes back what the engine has not seen; tells whether that was so. */
  function takeBack(subject: Subscriber | Outgoing): boolean {
    const unseen = log.delete(subject);
    if (unseen && !log.size && !session()) ledger.update({ state: 'idle' }, 'no_demand');
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
    }
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
      if (!takeBack(send)) session()?.cancel(send);
      else {
        ledger.settle(send, aborted('The send'));
        countWaiting();
      }
    });
    const { signal } = options;
    if (signal) checkFunction(signal.addEventListener, 'signal.addEventListener');
    signal?.addEventListener('abort', send.cancel);
    sends.set(send.number, send);
    const failure = !isPage()
      ? noPage()
      : signal?.aborted
        ? aborted('The send')
        : // The engine bounds its queue itself; this is for the one before it.
          !session() && overflow(sends, send, ledger.options);
    if (failure) ledger.settle(send, failure);
    else {
      demand();
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
      const ready = new Promise<void>((resolve, reject) => {
        if (!isPage()) {
          reject(noPage());
          return;
        }
        if (client.isReady()) resolve();
        else waiting.add([resolve, reject]);
        ledger.intent = 'connect';
        run('connect');
      });
      ready.catch(() => {});
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

/** Throws if these can be no client's options. Numbers are checked by the engine, when there is one. */
function checkClientOptions(options: ClientOptions): void {
  if (options.getToken !== undefined) checkFunction(options.getToken, 'getToken');
  if (options.protocol !== 'supabase') return;
  checkName(options.apiKey, 'apiKey');
  if (!options.url) throw invalid('url', "the project's address");
}
