/** The lazy chunk: starts the engine, gives each client its session, replaces an engine that trapped. */
import * as glue from 'tidewire-glue';
import type { FacadeLedger, Ledger, Subscriber } from '../client-state.js';
import type { CollectionOptions, CollectionSnapshot } from '../collection-types.js';
import { equip } from '../equip.js';
import type { RealtimeError } from '../errors.js';
import { fail as failClient, isAwaited, refuse } from '../fail.js';
import type { ClientOptions } from '../options.js';
import { depthOf } from '../pending-send.js';
import { reporterOf } from '../reporter.js';
import { newView } from '../snapshot.js';
import type { ClientSnapshot } from '../types.js';
import { CompileFailure, compile } from './compile-wasm.js';
import { wordsOf } from './engine-errors.js';
import { EngineSession } from './engine-session.js';
import { closeSockets, isTrap, watchTraps } from './trap-guard.js';

/** How often a trapped engine is replaced within {@link WINDOW_MS}; then the rest of it is waited for. */
const REPLACEMENTS = 3;
const WINDOW_MS = 60_000;

/** The state of the one wasm instance. `resting`: it trapped too often, and starts anew later. */
type Instance =
  | { is: 'running' }
  | { is: 'trapped' }
  | { is: 'resting'; cause: unknown; timer: ReturnType<typeof setTimeout> };

let instance: Instance = { is: 'running' };

/** When it trapped within the last {@link WINDOW_MS}, by `performance.now()`. */
let crashes: number[] = [];
let starting: Promise<void> | undefined;

/** All clients that have a session, or are to have one again; the one instance serves them all. */
const clients = new Map<Ledger, EngineSession | undefined>();

/** The longest wait before an engine is compiled again that could not be: the page itself prevents it. */
const RECOMPILE_MS = 300_000;

/** The last time compiling failed, and how often in a row. */
let failure: { error: CompileFailure; count: number; at: number } | undefined;

/** Clients for which it is tried again later. */
const later = new Set<Ledger>();

/** Why it is not tried again yet: the second attempt comes at once, the following ones more and more rarely. */
function tooSoon(): CompileFailure | undefined {
  if (!failure || failure.count === 1) return undefined;
  const wait = Math.min(250 * 4 ** failure.count, RECOMPILE_MS);
  return performance.now() < failure.at + wait ? failure.error : undefined;
}

/** Compiles and starts the engine, once for all clients of the page. */
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

/** Tries again while a client that failed has subscriptions, which then work. */
function startLater(ledger: Ledger, inline: () => Promise<unknown>): void {
  if (later.has(ledger)) return;
  later.add(ledger);
  setTimeout(() => {
    later.delete(ledger);
    if (ledger.engine !== 'absent' || !ledger.log.size) return;
    start(inline, ledger.options).then(
      () => {
        // Another call may have been faster.
        if (ledger.engine !== 'absent') return;
        ledger.engine = 'loading';
        void open(ledger, inline);
      },
      () => startLater(ledger, inline),
    );
  }, RECOMPILE_MS);
}

/** Gives a client its engine, once it is started, and replays what it was asked meanwhile. */
export async function open(facade: FacadeLedger, inline: () => Promise<unknown>): Promise<void> {
  const ledger = equip(facade);
  try {
    await start(inline, ledger.options);
  } catch (error) {
    if (!(error instanceof CompileFailure)) throw error;
    if (ledger.snapshot().state === 'closed') return;
    fail(ledger, error.toError(ledger.makeError));
    startLater(ledger, inline);
    return;
  }
  if (ledger.snapshot().state === 'closed') return;
  clients.set(ledger, undefined);
  if (instance.is === 'running') begin(ledger, new Set());
  else if (instance.is === 'resting') {
    const { cause, timer } = instance;
    if (!ledger.log.has('connect')) {
      refuseAll(ledger, cause);
      return;
    }
    // The app wants another try now.
    clearTimeout(timer);
    crashes = [];
    restart(cause);
  }
  // Else its turn comes with the next instance.
}

function begin(ledger: Ledger, gaps: Set<string>): void {
  if (!ledger.log.size) {
    // All was taken back meanwhile.
    clients.delete(ledger);
    ledger.engine = 'absent';
    ledger.update({ state: 'idle' }, 'no_demand');
    return;
  }
  try {
    const session = new EngineSession(glue.Engine, ledger, gaps, {
      trapped,
      ended: () => clients.delete(ledger),
    });
    clients.set(ledger, session);
    ledger.engine = session;
    replay(ledger, session);
    if (!session.hasReported && clients.get(ledger) === session) {
      ledger.update({ state: 'idle' }, 'no_demand');
    }
  } catch (error) {
    if (isTrap(error)) trapped(error);
    else {
      clients.delete(ledger);
      fail(ledger, error as RealtimeError);
    }
  }
}

function replay(ledger: Ledger, session: EngineSession): void {
  // What is called meanwhile joins the log's end, so that the order stays.
  for (const [subject, operation] of ledger.log) {
    if (clients.get(ledger) !== session) return;
    ledger.log.delete(subject);
    try {
      session[operation](subject as never);
    } catch (error) {
      const subscriber = operation === 'subscribe' ? (subject as Subscriber) : undefined;
      if (subscriber) {
        ledger.subscribers.delete(subscriber);
        refuse(ledger, subscriber, error as RealtimeError);
      }
      reporterOf(ledger).error(error as RealtimeError, !!subscriber?.options.onError);
    }
  }
}

/** Ends everything pending of a client. */
function fail(ledger: Ledger, error: RealtimeError): void {
  reporterOf(ledger).error(error, failClient(ledger, error));
}

const engineFailed = (ledger: Ledger, cause: unknown): RealtimeError =>
  ledger.makeError(
    'engine_failed',
    `The engine crashed: ${wordsOf(cause)}`,
    'Report this with the cause. It starts anew within a minute, with connect() at once. What was sent but not settled may have been accepted.',
    { cause, retryable: true },
  );

/** Fails what a client sends, and shows its subscribers the error. They are subscribed again by {@link restart}. */
function refuseAll(ledger: Ledger, cause: unknown): void {
  const error = engineFailed(ledger, cause);
  let isHandled = isAwaited(ledger);
  ledger.engine = 'absent';
  ledger.log.clear();
  for (const send of ledger.sends.values()) {
    isHandled ||= send.sent.acked.isObserved;
    ledger.settle(send, error);
  }
  for (const subscriber of ledger.subscribers) {
    isHandled ||= !!subscriber.options.onError;
    if (subscriber.view.error?.code !== error.code) refuse(ledger, subscriber, error);
  }
  ledger.update({ state: 'failed', error, queueDepth: 0 }, error.code);
  reporterOf(ledger).error(error, isHandled);
}

/** The instance cannot be trusted any more: nobody may call it, or hear of it. */
function trapped(error: unknown): void {
  if (instance.is !== 'running') return;
  instance = { is: 'trapped' };
  for (const [ledger, session] of clients) {
    session?.abandon();
    ledger.engine = 'loading';
    clients.set(ledger, undefined);
  }
  // Not now: frames of the instance are still on the stack.
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

/** Waits before the next instance gets any engine. */
function rest(cause: unknown, ms: number): void {
  try {
    // Timers and listeners of the one that trapped end here.
    glue.__wbg_reset_state();
  } catch {
    // It is tried again later.
  }
  instance = { is: 'resting', cause, timer: setTimeout(() => restart(cause), ms) };
  for (const ledger of livingClients()) refuseAll(ledger, cause);
}

/** Starts another instance, and gives all clients their engines. */
function restart(cause: unknown): void {
  try {
    glue.__wbg_reset_state();
  } catch (error) {
    rest(error, WINDOW_MS);
    return;
  }
  instance = { is: 'running' };
  for (const ledger of livingClients()) {
    const gaps = carryOver(ledger, cause);
    // Another one may have trapped, or the app destroyed it.
    if (instance.is === 'running' && clients.has(ledger)) begin(ledger, gaps);
  }
}

/** The clients that the app did not destroy while they had no engine. */
function livingClients(): Ledger[] {
  for (const ledger of clients.keys()) {
    if (ledger.snapshot().state === 'closed') clients.delete(ledger);
  }
  return [...clients.keys()];
}

/** Writes the log anew: all that the next engine must be told. Returns the channels that lost messages. */
function carryOver(ledger: Ledger, cause: unknown): Set<string> {
  const gaps = new Set<string>();
  const error = engineFailed(ledger, cause);
  const unseen = new Set(ledger.log.keys());
  ledger.engine = 'loading';
  ledger.log.clear();
  for (const subscriber of ledger.subscribers) {
    if (!unseen.has(subscriber)) gaps.add(subscriber.channel);
    subscriber.view = newView();
    subscriber.rows?.show({ isLoading: true });
    ledger.log.set(subscriber, 'subscribe');
  }
  for (const send of ledger.tracked.values()) ledger.log.set(send, 'send');
  for (const send of ledger.sends.values()) {
    if (!send.transmitted) ledger.log.set(send, 'send');
    else ledger.settle(send, error);
  }
  if (ledger.intent) ledger.log.set(ledger.intent, ledger.intent);
  ledger.update({ state: 'connecting', queueDepth: depthOf(ledger.sends), error }, 'engine_failed');
  reporterOf(ledger).error(error, false);
  for (const channel of gaps) {
    for (const subscriber of ledger.subscribers) {
      if (subscriber.channel === channel) ledger.call(subscriber.options.onGap, { channel });
    }
    ledger.emit('gap', { channel });
  }
  // The engine that would have said so is gone.
  ledger.emit('batch');
  return gaps;
}

/** How the hooks of React look at what a client would show at once, without opening it. */
const ROWS = Symbol.for('tidewire.rows');

type Look = (
  client: ClientSnapshot,
  channel: string | null | undefined,
  options: CollectionOptions<object> | undefined,
) => Partial<CollectionSnapshot<object>> | undefined;

const page = globalThis as { [ROWS]?: Look };
const before = page[ROWS];

// Each copy of the package knows its own clients, by their snapshots.
page[ROWS] = (client, channel, options) => {
  for (const [ledger, session] of clients) {
    if (ledger.snapshot() !== client) continue;
    try {
      return channel ? session?.peek(channel, options ?? {}) : undefined;
    } catch {
      // Opening it gives the reason.
    }
  }
  return before?.(client, channel, options);
};

watchTraps(trapped);
