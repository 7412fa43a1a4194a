/** One client's engine: hands calls to it, and what it reports to the app. */
import { askAddress, askToken, grantOf } from './asks.js';
import {
  CHANNEL_STATES,
  CONTINUITIES,
  Command,
  type Engine,
  type EngineError,
  type EngineModule,
  Kind,
  LOG_LEVELS,
  QUALITIES,
  SEND_STATUSES,
  SendFlag,
  STATES,
} from './engine.js';
import type { ErrorCode, RealtimeError } from './errors.js';
import { isTrap } from './guard.js';
import type { ChannelView, Ledger, Session, Subscriber } from './ledger.js';
import type { ClientOptions, LogRecord } from './options.js';
import type { Outgoing } from './outgoing.js';
import type { Ack } from './sent.js';
import type { ChannelStats, Continuity, Gap, MessageMeta, Metrics } from './types.js';

/** A channel as the engine numbers it. */
interface Route {
  channel: string;
  subscribers: Set<Subscriber>;
  view: ChannelView;
}

/** Who keeps the sessions. */
export interface SessionHost {
  /** The engine trapped: no engine of its wasm instance can be trusted any more. */
  trapped(error: unknown): void;
  /** The session was destroyed. */
  ended(): void;
}

/** The facade logs and loads by itself. */
function engineOptions({ wasm, logger, debug, ...options }: ClientOptions): object {
  return options;
}

/** What a new connection must be made for. */
const addressOf = ({ url, params, protocols }: ClientOptions): unknown[] => [
  url,
  params,
  protocols,
];

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A client's session with one engine. After a trap it is abandoned and the client gets another. */
export class EngineSession implements Session {
  readonly #ledger: Ledger;
  readonly #host: SessionHost;
  readonly #routes = new Map<number, Route>();
  /** Channels that lost messages with the engine before this one. */
  readonly #gaps: Set<string>;
  readonly #engine: Engine;
  /** `closed`: by `destroy()`; `abandoned`: its engine is gone. */
  #life: 'live' | 'closed' | 'abandoned' = 'live';
  /** The channel being subscribed to: the engine may report on it before it returns its number. */
  #joining = '';
  #address: unknown[];
  #hasReported = false;

  /** @throws what the engine's constructor threw, a trap as it is */
  constructor(
    Engine: EngineModule['Engine'],
    ledger: Ledger,
    gaps: Set<string>,
    host: SessionHost,
  ) {
    this.#ledger = ledger;
    this.#host = host;
    this.#gaps = gaps;
    this.#address = addressOf(ledger.options);
    try {
      this.#engine = new Engine(engineOptions(ledger.options), (...report) =>
        this.#report(...report),
      );
    } catch (error) {
      throw isTrap(error) ? error : this.#asError(error);
    }
    if (ledger.token !== undefined) this.setToken();
  }

  /** Whether the engine has told its state; until it does it is idle. */
  get hasReported(): boolean {
    return this.#hasReported;
  }

  /** Hears no more of its engine, which is gone. */
  abandon(): void {
    this.#life = 'abandoned';
  }

  subscribe(subscriber: Subscriber): void {
    const { number, channel, options } = subscriber;
    // The callbacks stay here.
    const { onError, onGap, ...rest } = options;
    const outer = this.#joining;
    this.#joining = channel;
    try {
      const id = this.#call((engine) => engine.subscribe(number, channel, rest));
      if (id === undefined) return;
      const route = this.#route(id);
      // The callback of another subscriber may have taken it back already.
      if (!this.#ledger.subscribers.has(subscriber)) return;
      route.subscribers.add(subscriber);
      subscriber.view = route.view;
    } catch (error) {
      this.#ledger.subscribers.delete(subscriber);
      throw error;
    } finally {
      this.#joining = outer;
    }
  }

  unsubscribe(subscriber: Subscriber): void {
    for (const route of this.#routes.values()) route.subscribers.delete(subscriber);
    this.#call((engine) => engine.tell(Command.Unsubscribe, subscriber.number));
  }

  send(outgoing: Outgoing): void {
    const { number, channel, text, options, sent, at } = outgoing;
    const ttl = options.ttlMs ?? this.#ledger.options.queue?.ttlMs;
    const flags =
      (options.ack === false ? 0 : SendFlag.Ack) | (options.ephemeral ? SendFlag.Ephemeral : 0);
    this.#call((engine) =>
      engine.send(
        number,
        channel,
        text,
        sent.id,
        options.event,
        flags,
        options.timeoutMs,
        // The time it waited for the engine counts.
        ttl === undefined ? ttl : Math.max(0, ttl - (performance.now() - at)),
      ),
    );
  }

  cancel(outgoing: Outgoing): void {
    this.#call((engine) => engine.tell(Command.Cancel, outgoing.number));
  }

  connect(): void {
    this.#call((engine) => engine.tell(Command.Connect, 0));
  }

  disconnect(): void {
    this.#call((engine) => engine.tell(Command.Disconnect, 0));
  }

  configure(options: ClientOptions): void {
    const address = addressOf(options);
    const moved = address.some((part, at) => part !== this.#address[at]);
    this.#call((engine) => engine.configure(engineOptions(options), moved));
    this.#address = address;
  }

  setToken(): void {
    const { token, lifetimeMs, subject } = grantOf(this.#ledger.token);
    this.#call((engine) => engine.setToken(token, lifetimeMs, subject));
  }

  destroy(): void {
    this.#call((engine) => engine.tell(Command.Destroy, 0));
    if (this.#life === 'live') this.#life = 'closed';
    // Not now: the engine may be the caller.
    queueMicrotask(() => {
      this.#host.ended();
      if (this.#life === 'closed') this.#engine.free();
    });
  }

  metrics(): Metrics | undefined {
    return this.#call((engine) => engine.metrics()) as Metrics | undefined;
  }

  channelStats(): ChannelStats[] {
    return (this.#call((engine) => engine.channelStats()) as ChannelStats[] | undefined) ?? [];
  }

  /** Nothing is returned after a trap: the next engine does it again. */
  #call<R>(work: (engine: Engine) => R): R | undefined {
    if (this.#life !== 'live') return undefined;
    try {
      return work(this.#engine);
    } catch (error) {
      if (!isTrap(error)) throw this.#asError(error);
      this.#host.trapped(error);
      return undefined;
    }
  }

  #fromEngine(error: EngineError): RealtimeError {
    const { code, message, hint, cause } = error;
    // The other side's own words, or the name of the argument.
    const words = (cause as { message?: string } | undefined)?.message;
    const text = words ? `${message} (${words})` : message;
    return this.#ledger.makeError(code as ErrorCode, text, hint, error);
  }

  /** What the engine throws is its own error, or a fault of the package. */
  #asError(error: unknown): RealtimeError {
    if ((error as EngineError | null)?.code) return this.#fromEngine(error as EngineError);
    return this.#ledger.makeError('engine_failed', String(error), 'Report this with the cause.', {
      cause: error,
    });
  }

  #route(id: number): Route {
    let route = this.#routes.get(id);
    if (!route) {
      route = {
        channel: this.#joining,
        subscribers: new Set(),
        view: {
          state: 'joining',
          continuity: this.#gaps.has(this.#joining) ? 'gap' : 'fresh',
          error: null,
        },
      };
      this.#routes.set(id, route);
    }
    return route;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the arguments depend on the kind; see Sink.
  #report(kind: number, subject: number, a?: any, b?: any, c?: any, d?: any, e?: any, f = 0): void {
    if (this.#life !== 'live') return;
    const ledger = this.#ledger;
    switch (kind) {
      case Kind.State: {
        this.#hasReported = true;
        const state = STATES[subject] ?? 'failed';
        const error = b ? this.#fromEngine(b) : null;
        // An error is told once; it holds until things are well again, or nothing is tried any more.
        const calm = !/ing|failed/.test(state);
        ledger.update({ state, error: error ?? (calm ? null : ledger.snapshot().error) }, a);
        if (error) ledger.emit('error', error);
        this.#log(error ? 'warn' : 'info', 'state', {
          state,
          reason: a,
          ...(error && { error: error.code }),
        });
        break;
      }
      case Kind.Quality:
        ledger.update({ quality: QUALITIES[subject] ?? 'offline' });
        break;
      case Kind.Queue:
        ledger.update({ queueDepth: subject });
        break;
      case Kind.Message:
        this.#deliver(subject, a, {
          channel: '',
          ...(b !== undefined && { event: b }),
          ...(c !== undefined && { id: c }),
          ...(d !== undefined && { seq: d }),
          ...(e !== undefined && { epoch: e }),
          receivedAt: Date.now(),
          own: !!(f & 1),
          recovered: !!(f & 2),
        });
        break;
      case Kind.Channel:
        this.#channel(subject, a, b, c, d);
        break;
      case Kind.Gap:
        this.#gap(subject, a);
        break;
      case Kind.Send:
        this.#progress(subject, a, b);
        break;
      case Kind.Error: {
        const error = this.#fromEngine(a);
        for (const { options } of this.#present(subject)) ledger.call(options.onError, error);
        ledger.emit('error', error);
        break;
      }
      case Kind.AskUrl:
        askAddress(ledger.options).then(
          ({ url, protocols }) => this.#call((engine) => engine.answerUrl(subject, url, protocols)),
          (error) =>
            this.#call((engine) => engine.answerUrl(subject, undefined, [], wordsOf(error))),
        );
        break;
      case Kind.AskToken:
        askToken(ledger.options).then(
          ({ token, lifetimeMs, subject: user }) =>
            this.#call((engine) => engine.answerToken(subject, token, lifetimeMs, user)),
          (error) =>
            this.#call((engine) =>
              engine.answerToken(subject, undefined, undefined, undefined, wordsOf(error)),
            ),
        );
        break;
      case Kind.Log:
        this.#log(LOG_LEVELS[subject] ?? 'info', a, b === undefined ? {} : { code: b });
        break;
    }
  }

  /** The subscribers there are now; those that join meanwhile wait for the next report. */
  #present(id: number): Subscriber[] {
    return [...(this.#routes.get(id)?.subscribers ?? [])];
  }

  #deliver(id: number, payload: unknown, meta: MessageMeta): void {
    const route = this.#route(id);
    meta.channel = route.channel;
    for (const subscriber of this.#present(id)) {
      if (route.subscribers.has(subscriber)) this.#ledger.call(subscriber.deliver, payload, meta);
    }
    this.#ledger.emit('message', payload, meta);
  }

  #channel(
    id: number,
    state: number,
    continuity: number,
    failure: EngineError | undefined,
    reason: string,
  ): void {
    const route = this.#route(id);
    const { view } = route;
    const known: Continuity = CONTINUITIES[continuity] ?? 'unknown';
    view.state = CHANNEL_STATES[state] ?? 'failed';
    view.continuity = known === 'fresh' && this.#gaps.has(route.channel) ? 'gap' : known;
    view.error = failure ? this.#fromEngine(failure) : null;
    if (view.error) {
      for (const { options } of this.#present(id)) this.#ledger.call(options.onError, view.error);
    }
    this.#ledger.emit('channel', { channel: route.channel, ...view });
    this.#log(view.error ? 'warn' : 'info', 'channel', {
      channel: route.channel,
      state: view.state,
      continuity: view.continuity,
      reason,
      ...(view.error && { error: view.error.code }),
    });
    if (view.state === 'left') {
      this.#routes.delete(id);
      this.#gaps.delete(route.channel);
    }
  }

  #gap(id: number, lost: Omit<Gap, 'channel'>): void {
    const gap: Gap = { ...lost, channel: this.#route(id).channel };
    for (const { options } of this.#present(id)) this.#ledger.call(options.onGap, gap);
    this.#ledger.emit('gap', gap);
  }

  #progress(number: number, status: number, outcome?: Ack | EngineError): void {
    const outgoing = this.#ledger.sends.get(number);
    if (!outgoing) return;
    const name = SEND_STATUSES[status];
    if (name === 'acked') {
      this.#ledger.settle(outgoing, (outcome as Ack | undefined) ?? { confirmed: false });
    } else if (name === 'failed') {
      this.#ledger.settle(outgoing, this.#fromEngine(outcome as EngineError));
    } else if (name) {
      outgoing.transmitted ||= name === 'sent';
      outgoing.sent.status = name;
    }
  }

  #log(level: LogRecord['level'], event: string, details: object): void {
    const { logger, debug } = this.#ledger.options;
    if (!logger && !debug) return;
    const record: LogRecord = { level, at: Date.now(), event, ...details };
    if (logger) this.#ledger.call(logger, record);
    else console[level]('[tidewire]', event, record);
  }
}
