/** The entry of the lazy chunk: starts the engine, gives each client its session, replaces an engine that trapped. */
import * as glue from 'tidewire-glue';
import type { ClientState, FacadeState, Subscriber } from '../client-state.js';
import type { CollectionOptions, CollectionSnapshot } from '../collection-types.js';
import { equip } from '../equip.js';
import type { RealtimeError } from '../errors.js';
import { fail as failClient, isAwaited, rejectSubscriber } from '../fail.js';
import type { ClientOptions } from '../options.js';
import { queuedCount } from '../pending-send.js';
import { reporterOf } from '../reporter.js';
import { newView } from '../snapshot.js';
import type { ClientSnapshot } from '../types.js';
import { CompileFailure, compile } from './compile-wasm.js';
import { connectEarly } from './early-attempt.js';
import { messageOf } from './engine-errors.js';
import { EngineSession } from './engine-session.js';
import { closeSockets } from './sockets.js';
import { isTrap, watchTraps } from './trap-guard.js';

/** How often a trapped engine is replaced at once within {@link WINDOW_MS}; then it waits until the window ends. */
const REPLACEMENTS = 3;
const WINDOW_MS = 60_000;

/** The state of the one wasm instance. `resting`: it has trapped too often, and another is started after a delay. */
type Instance =
  | { is: 'running' }
  | { is: 'trapped' }
  | { is: 'resting'; cause: unknown; timer: ReturnType<typeof setTimeout> };

let instance: Instance = { is: 'running' };

/** When it trapped within the last {@link WINDOW_MS}, by `performance.now()`. */
let crashes: number[] = [];
let starting: Promise<void> | undefined;

/** All clients that have a session, or wait for one; the one instance serves them all. */
const clients = new Map<ClientState, EngineSession | undefined>();

/** The longest wait before compiling is retried: if it fails, the page usually prevents it. */
const RECOMPILE_MS = 300_000;

/** The last failure to compile, and the number of failures in a row. */
let failure: { error: CompileFailure; count: number; at: number } | undefined;

/** Clients for which compiling is retried later. */
const later = new Set<ClientState>();

/** Returns the last failure if compiling is not retried yet: the second attempt is immediate, the following ones back off. */
function tooSoon(): CompileFailure | undefined {
  if (!failure || failure.count === 1) return undefined;
  const wait = Math.min(250 * 4 ** failure.count, RECOMPILE_MS);
  return performance.now() < failure.at + wait ? failure.error : undefined;
}

/** Compiles and starts the engine, once for all clients on the page. */
function start(inline: () => Promise<unknown>, options: ClientOptions): Promise<void> {
  const former = tooSoon();
  if (former) return Promise.reject(former);
  starting ??= compile(inline, options)
    .then((module) => {
      glue.initSync({ module });
      failure = undefined;
    })
    .catch((error) => {
      starting = undefined;
      if (error instanceof CompileFailure) {
        failure = { error, count: (failure?.count ?? 0) + 1, at: performance.now() };
      }
      throw error;
    });
  return starting;
}

/** Retries compiling as long as a failed client has subscriptions, which are then subscribed. */
function startLater(client: ClientState, inline: () => Promise<unknown>): void {
  if (later.has(client)) return;
  later.add(client);
  setTimeout(() => {
    later.delete(client);
    if (client.engine !== 'absent' || !client.log.size) return;
    start(inline, client.options).then(
      () => {
        // Another call may have been faster.
        if (client.engine !== 'absent') return;
        client.engine = 'loading';
        void open(client, inline);
      },
      () => startLater(client, inline),
    );
  }, RECOMPILE_MS);
}

/**
 * Begins to connect a client, if one is given, unless the engine is started. Returns a
 * function that calls {@link open}.
 */
export function prepare(inline: () => Promise<unknown>, facade?: FacadeState): () => Promise<void> {
  if (facade && !starting && !failure) connectEarly(equip(facade));
  return async () => facade && open(equip(facade), inline);
}

/** Gives a client its session once the engine is started, and replays the queued calls. */
async function open(client: ClientState, inline: () => Promise<unknown>): Promise<void> {
  try {
    await start(inline, client.options);
  } catch (error) {
    if (!(error instanceof CompileFailure)) throw error;
    if (client.snapshot().state === 'closed') return;
    fail(client, error.toError(client.makeError));
    startLater(client, inline);
    return;
  }
  if (client.snapshot().state === 'closed') return;
  clients.set(client, undefined);
  if (instance.is === 'running') begin(client, new Set());
  else if (instance.is === 'resting') {
    const { cause, timer } = instance;
    if (!client.log.has('connect')) {
      rejectAll(client, cause);
      return;
    }
    // `connect()` retries at once.
    clearTimeout(timer);
    crashes = [];
    restart(cause);
  }
  // Otherwise the client gets its session from the next instance.
}

function begin(client: ClientState, gaps: Set<string>): void {
  if (!client.log.size) {
    // All calls were cancelled meanwhile.
    clients.delete(client);
    client.engine = 'absent';
    client.update({ state: 'idle' }, 'no_demand');
    return;
  }
  try {
    const session = new EngineSession(glue.Engine, client, gaps, {
      trapped,
      ended: () => clients.delete(client),
    });
    clients.set(client, session);
    client.engine = session;
    replay(client, session);
    if (!session.hasReported && clients.get(client) === session) {
      client.update({ state: 'idle' }, 'no_demand');
    }
  } catch (error) {
    if (isTrap(error)) trapped(error);
    else {
      clients.delete(client);
      fail(client, error as RealtimeError);
    }
  }
}

function replay(client: ClientState, session: EngineSession): void {
  // Calls made meanwhile are appended to the log, which keeps the order.
  for (const [subject, operation] of client.log) {
    if (clients.get(client) !== session) return;
    client.log.delete(subject);
    try {
      session[operation](subject as never);
    } catch (error) {
      const subscriber = operation === 'subscribe' ? (subject as Subscriber) : undefined;
      if (subscriber) {
        client.subscribers.delete(subscriber);
        rejectSubscriber(client, subscriber, error as RealtimeError);
      }
      reporterOf(client).error(error as RealtimeError, !!subscriber?.options.onError);
    }
  }
}

/** Rejects everything pending of a client, and reports the error. */
function fail(client: ClientState, error: RealtimeError): void {
  reporterOf(client).error(error, failClient(client, error));
}

const engineFailed = (client: ClientState, cause: unknown): RealtimeError =>
  client.makeError(
    'engine_failed',
    `The engine crashed: ${messageOf(cause)}`,
    'Report this with the cause. It starts anew within a minute, with connect() at once. What was sent but not settled may have been accepted.',
    { cause, retryable: true },
  );

/** Rejects a client's sends, and sets its subscribers to `failed`. They are subscribed again by {@link restart}. */
function rejectAll(client: ClientState, cause: unknown): void {
  const error = engineFailed(client, cause);
  let isHandled = isAwaited(client);
  client.engine = 'absent';
  client.log.clear();
  for (const send of client.sends.values()) {
    isHandled ||= send.sent.acked.isObserved;
    client.settle(send, error);
  }
  for (const subscriber of client.subscribers) {
    isHandled ||= !!subscriber.options.onError;
    if (subscriber.view.error?.code !== error.code) rejectSubscriber(client, subscriber, error);
  }
  client.update({ state: 'failed', error, queueDepth: 0 }, error.code);
  reporterOf(client).error(error, isHandled);
}

/** Handles a trap: the instance is in an undefined state, so no session may call it or handle its reports. */
function trapped(error: unknown): void {
  if (instance.is !== 'running') return;
  instance = { is: 'trapped' };
  for (const [client, session] of clients) {
    session?.abandon();
    client.engine = 'loading';
    clients.set(client, undefined);
  }
  // Deferred: frames of the instance are still on the stack.
  queueMicrotask(() => replace(error));
}

function replace(error: unknown): void {
  closeSockets();
  const now = performance.now();
  crashes = [...crashes.filter((at) => now - at < WINDOW_MS), now];
  const [first = now] = crashes;
  if (crashes.length > REPLACEMENTS) rest(error, first + WINDOW_MS - now);
  else restart(error);
}

/** Rejects everything and waits before the next instance is started. */
function rest(cause: unknown, ms: number): void {
  try {
    // Ends the timers and listeners of the trapped instance.
    glue.__wbg_reset_state();
  } catch {
    // Retried later.
  }
  instance = { is: 'resting', cause, timer: setTimeout(() => restart(cause), ms) };
  for (const client of openClients()) rejectAll(client, cause);
}

/** Starts another instance, and gives all clients their sessions. */
function restart(cause: unknown): void {
  try {
    glue.__wbg_reset_state();
  } catch (error) {
    rest(error, WINDOW_MS);
    return;
  }
  instance = { is: 'running' };
  for (const client of openClients()) {
    const gaps = rebuildLog(client, cause);
    // The instance may have trapped again, or the app may have destroyed the client.
    if (instance.is === 'running' && clients.has(client)) begin(client, gaps);
  }
}

/** The clients that were not destroyed while they had no engine. */
function openClients(): ClientState[] {
  for (const client of clients.keys()) {
    if (client.snapshot().state === 'closed') clients.delete(client);
  }
  return [...clients.keys()];
}

/** Rebuilds the log: all calls that the next engine must receive. Returns the channels that lost messages. */
function rebuildLog(client: ClientState, cause: unknown): Set<string> {
  const gaps = new Set<string>();
  const error = engineFailed(client, cause);
  const queued = new Set(client.log.keys());
  client.engine = 'loading';
  client.log.clear();
  for (const subscriber of client.subscribers) {
    if (!queued.has(subscriber)) gaps.add(subscriber.channel);
    subscriber.view = newView();
    subscriber.collectionState?.show({ isLoading: true });
    client.log.set(subscriber, 'subscribe');
  }
  for (const send of client.tracked.values()) client.log.set(send, 'send');
  for (const send of client.sends.values()) {
    if (!send.transmitted) client.log.set(send, 'send');
    else client.settle(send, error);
  }
  if (client.intent) client.log.set(client.intent, client.intent);
  client.update(
    { state: 'connecting', queueDepth: queuedCount(client.sends), error },
    'engine_failed',
  );
  reporterOf(client).error(error, false);
  for (const channel of gaps) {
    for (const subscriber of client.subscribers) {
      if (subscriber.channel === channel) client.call(subscriber.options.onGap, { channel });
    }
    client.emit('gap', { channel });
  }
  // The engine that would have reported it has trapped.
  client.emit('batch');
  return gaps;
}

/** The key of the function by which React's hooks get a collection's initial snapshot without opening it. */
const ROWS = Symbol.for('tidewire.rows');

type PeekRows = (
  snapshot: ClientSnapshot,
  channel: string | null | undefined,
  options: CollectionOptions<object> | undefined,
) => Partial<CollectionSnapshot<object>> | undefined;

const page = globalThis as { [ROWS]?: PeekRows };
const before = page[ROWS];

// Each copy of the package finds its own clients by their snapshots.
page[ROWS] = (snapshot, channel, options) => {
  for (const [client, session] of clients) {
    if (client.snapshot() !== snapshot) continue;
    try {
      return channel ? session?.peek(channel, options ?? {}) : undefined;
    } catch {
      // Opening it reports the error.
    }
  }
  return before?.(snapshot, channel, options);
};

watchTraps(trapped);
