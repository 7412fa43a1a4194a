/** The client: everything that works synchronously, before the engine is loaded or without it. */
import { channelHandle } from './channel.js';
import type { Host } from './client-internals.js';
import type {
  FacadeState,
  Operation,
  PendingSend,
  SendTarget,
  Session,
  Subscriber,
  SubscriberHandlers,
} from './client-state.js';
import { collectionHandle } from './collection.js';
import type { ChannelOptions, Unsubscribe } from './common-types.js';
import { Emitter, rethrow } from './emitter.js';
import { RealtimeError } from './errors.js';
import { Text } from './generated/facade.js';
import { newId } from './id.js';
import { isPage, load as loadEngine, noPage, notLoaded, pause, retryNow } from './loader.js';
import type { ClientOptions } from './options.js';
import { outcome } from './outcome.js';
import { overflow, queuedCount, queueError } from './pending-send.js';
import type { SendOptions, Sent } from './sent.js';
import { SentMessage } from './sent-message.js';
import { bytesOf, type Payload, serialise } from './serialize.js';
import { createSnapshot, newView, noMetrics } from './snapshot.js';
import type {
  ClientSnapshot,
  LegacyState,
  MessageCallback,
  RealtimeClient,
  State,
} from './types.js';
import { checkFunction, checkName, copyOf, invalid } from './validate.js';
import { warn } from './warn.js';

const LEGACY_STATES: Partial<Record<State, LegacyState>> = {
  connecting: 'connecting',
  reconnecting: 'connecting',
  authenticating: 'connected',
  ready: 'authenticated',
  failed: 'error',
};

const aborted = (what: string): RealtimeError =>
  new RealtimeError('aborted', `${what} was cancelled.`, Text.Cancelled);

const destroyed = (): RealtimeError =>
  new RealtimeError('destroyed', Text.Destroyed, 'Make a new one.');

/**
 * Creates a client, independent of all others. Nothing is loaded and nothing is connected until
 * the first `subscribe`, `channel`, `send` or `connect`.
 *
 * Where there is no `document` (server rendering) nothing is loaded or connected at all: subscriptions and handles do
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
    // An error thrown by an `error` listener is not reported to `error` listeners.
    if (event === 'error' || !emitter.has('error')) rethrow(cause);
    else {
      emitter.emit(
        'error',
        new RealtimeError('callback_failed', Text.Threw, Text.SeeCause, { cause }),
      );
    }
  }

  const facade: FacadeState = {
    options,
    engine: 'absent',
    subscribers: new Set(),
    sends: new Map(),
    log: new Map(),
    waiting: new Set(),
    emitter,
    report,
    ErrorClass: RealtimeError,
    newId,
    serialise,
    snapshot: snapshot.get,
    update: snapshot.update,
    settle(send, outcome) {
      if (!sends.delete(send.number)) return;
      send.options.signal?.removeEventListener('abort', send.onAbort as () => void);
      send.sent.settle(outcome);
    },
  };

  const { subscribers, sends, log, waiting } = facade;

  const session = (): Session | undefined =>
    typeof facade.engine === 'object' ? facade.engine : undefined;

  function settleWaiting(error: RealtimeError): void {
    for (const [, settle] of waiting) settle(error);
    waiting.clear();
  }

  function checkAlive(): void {
    if (snapshot.get().state === 'closed') throw destroyed();
  }

  /** Runs the operation now, or queues it until there is an engine. */
  function run(
    operation: Operation,
    subject: Subscriber | PendingSend | Operation = operation,
  ): void {
    const running = session();
    // While the log is being replayed, later calls are appended to it, which keeps the order.
    if (running && !log.size) {
      running[operation](subject as never);
      return;
    }
    // A key that is set again would keep its old position.
    log.delete(subject);
    log.set(subject, operation);
    if (subject === operation) retryNow();
    if (facade.engine !== 'absent') return;
    facade.engine = 'loading';
    facade.update({ state: 'connecting', error: null }, 'demand');
    void load();
  }

  /** Loads the engine; retries as long as it fails and calls are queued. */
  async function load(): Promise<void> {
    for (let failures = 0; log.size && facade.intent !== 'disconnect'; failures++) {
      try {
        const [open] = await loadEngine(facade);
        await open();
        return;
      } catch (cause) {
        const error = notLoaded(cause);
        if (snapshot.get().error?.message !== error.message) {
          facade.update({ error });
          emitter.emit('error', error);
          if (!emitter.has('error')) warn(error, facade.options);
        }
      }
      await pause(failures);
    }
    facade.engine = 'absent';
    // Otherwise all calls were cancelled, or the client was destroyed.
    if (log.size) facade.update({ state: 'idle' }, 'no_demand');
  }

  /** Removes a call that the engine has not received; returns whether there was one. */
  function removeQueued(subject: Subscriber | PendingSend): boolean {
    const wasQueued = log.delete(subject);
    if (wasQueued && !log.size && !session()) {
      facade.update({ state: 'idle' }, 'no_demand');
      retryNow();
    }
    return wasQueued;
  }

  function open(
    channel: string,
    options: ChannelOptions | null | undefined,
    handlers: SubscriberHandlers,
  ): Subscriber {
    checkAlive();
    checkName(channel, 'channel');
    copyOf(options);
    const subscriber: Subscriber = {
      number: ++next,
      channel,
      options: options ?? {},
      view: newView(),
      ...handlers,
    };
    if (isPage()) {
      subscribers.add(subscriber);
      demand();
      run('subscribe', subscriber);
    } else noPage(facade.options);
    return subscriber;
  }

  function close(subscriber: Subscriber): void {
    subscriber.view = { ...subscriber.view, state: 'left' };
    for (const send of sends.values()) {
      if (send.target?.collection === subscriber && log.delete(send)) {
        facade.settle(send, aborted('The change'));
      }
    }
    if (subscribers.delete(subscriber) && !removeQueued(subscriber))
      session()?.unsubscribe(subscriber);
  }

  /** Queues or sends, in the order of the calls. */
  function enqueue(
    channel: string,
    payload: Payload,
    options: SendOptions,
    target?: SendTarget,
  ): Sent {
    checkAlive();
    const send: PendingSend = {
      number: ++next,
      channel,
      payload,
      options,
      target,
      at: performance.now(),
      sent: new SentMessage(facade.newId()),
    };
    const { signal } = options;
    if (signal) {
      checkFunction(signal.addEventListener, 'signal.addEventListener');
      send.onAbort = () => {
        cancelQueued(send, aborted('The send'));
        // The engine ignores one that it has not received.
        session()?.cancel(send);
      };
      signal.addEventListener('abort', send.onAbort);
    }
    sends.set(send.number, send);
    const error = !isPage()
      ? noPage(facade.options)
      : signal?.aborted
        ? aborted('The send')
        : // The engine limits its own queue; this is the limit of the queue before there is one.
          !session() && overflow(sends, send, facade.options);
    if (error) reject(send, error);
    else {
      demand();
      run('send', send);
      const ttl = options.ttlMs ?? facade.options.queue?.ttlMs;
      // For a send that the engine has not received by then. A timer with a longer delay would fire at once.
      if (typeof ttl === 'number' && ttl < 2 ** 31) {
        setTimeout(() => cancelQueued(send, queueError('expired', send)), ttl);
      }
      updateQueueDepth();
    }
    return send.sent;
  }

  /** Fails a send, if the engine has not received it. */
  function cancelQueued(send: PendingSend, error: RealtimeError): void {
    if (!removeQueued(send)) return;
    reject(send, error);
    updateQueueDepth();
  }

  /** Fails a send that the engine never receives. */
  function reject(send: PendingSend, error: RealtimeError): void {
    facade.settle(send, error);
    if (error.code === 'aborted') return;
    setTimeout(
      () => send.sent.acked.isObserved || emitter.has('error') || warn(error, facade.options),
    );
  }

  /** Updates `queueDepth` while there is no engine; an engine reports it itself. */
  function updateQueueDepth(): void {
    if (!session()) facade.update({ queueDepth: queuedCount(sends) });
  }

  /** Cancels an earlier `disconnect()`, since a new subscriber or send needs a connection. */
  function demand(): void {
    if (facade.intent === 'disconnect') facade.intent = undefined;
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
      return enqueue(channel, bytesOf(message) ?? facade.serialise(message), copyOf(options));
    },

    connect(): Promise<void> {
      checkAlive();
      const entry = outcome<void>();
      const [ready, settle] = entry;
      if (isPage()) {
        if (client.isReady()) settle();
        else waiting.add(entry);
        facade.intent = 'connect';
        run('connect');
      } else settle(noPage(facade.options));
      return ready;
    },

    disconnect(): void {
      checkAlive();
      facade.intent = 'disconnect';
      // Without an engine, running or loading, there is nothing to close.
      if (facade.engine !== 'absent') run('disconnect');
      settleWaiting(aborted('connect()'));
    },

    destroy(): void {
      if (client.state === 'closed') return;
      session()?.destroy();
      for (const send of sends.values()) facade.settle(send, destroyed());
      for (const subscriber of subscribers) close(subscriber);
      facade.engine = 'loading';
      log.clear();
      settleWaiting(destroyed());
      facade.update({ state: 'closed', quality: 'offline', queueDepth: 0 }, 'destroyed');
      emitter.clear();
    },

    configure(changes: ClientOptions): void {
      checkAlive();
      const options = { ...facade.options, ...copyOf(changes) };
      checkClientOptions(options);
      session()?.configure(options);
      facade.options = options;
    },

    setToken(token: string | null): void {
      checkAlive();
      if (token) checkName(token, 'token');
      facade.token = token;
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
    getMetrics: () => session()?.metrics() ?? noMetrics(subscribers.size, queuedCount(sends)),
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
    protocol: () => facade.options.protocol,
    report,
    open,
    close,
    enqueue,
    session() {
      checkAlive();
      return session();
    },
  };

  return client as RealtimeClient<Channels>;
}

/** Throws if the options (a copy) are invalid. Numbers are checked by the engine, once there is one. */
function checkClientOptions(options: ClientOptions): void {
  if (options.getToken !== undefined) checkFunction(options.getToken, 'getToken');
  if (options.queue) options.queue = copyOf(options.queue, 'queue');
  if (options.protocol !== 'supabase') return;
  checkName(options.apiKey, 'apiKey');
  if (!options.url) throw invalid('url', Text.Project);
}
