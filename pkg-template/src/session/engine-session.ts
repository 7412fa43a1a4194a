/** One client's engine: hands calls to it, and what it reports to the app. */
import type { Errand, Ledger, Outgoing, Session, Subscriber } from '../client-state.js';
import type { CollectionOptions, CollectionSnapshot } from '../collection-types.js';
import type { RealtimeError } from '../errors.js';
import { isAwaited, refuse } from '../fail.js';
import type { ClientOptions } from '../options.js';
import { TRACK, UNTRACK } from '../pending-send.js';
import { details, type Reporter, reporterOf } from '../reporter.js';
import type { Ack, SendOptions } from '../sent.js';
import type { ChannelStats, Metrics } from '../stats-types.js';
import type { MessageMeta } from '../types.js';
import { Routes } from './channel-router.js';
import { Collections } from './collection-router.js';
import { askAddress, askToken, grantOf } from './credentials.js';
import {
  Command,
  type Engine,
  type EngineError,
  type EngineModule,
  Kind,
  LOG_LEVELS,
  QUALITIES,
  SEND_STATUSES,
  SendFlag,
  type Sink,
  STATES,
} from './engine-abi.js';
import { fromEngine, fromThrown, invalidOption, released, wordsOf } from './engine-errors.js';
import { canInflate, inflate } from './inflate.js';
import { socketAddress } from './socket-url.js';
import { asksAck, joinOptions } from './subscribe-options.js';
import { isTrap } from './trap-guard.js';

/** Who keeps the sessions. */
export interface SessionHost {
  /** The engine trapped: no engine of its wasm instance can be trusted any more. */
  trapped(error: unknown): void;
  /** The session was destroyed. */
  ended(): void;
}

/** The facade logs and loads by itself. */
function engineOptions({ wasm, logger, debug, ...options }: ClientOptions): object {
  return { ...options, inflates: canInflate(), address: knownAddress(options) };
}

/** The address, where it is known before it is asked for. */
function knownAddress(options: ClientOptions): string | undefined {
  const { url } = options;
  try {
    return typeof url === 'function' ? undefined : socketAddress(url, options).href;
  } catch {
    // It is reported when it is asked for.
    return undefined;
  }
}

/** The first option of a send that cannot cross, by what it must be. */
function faultOf({ event, timeoutMs, ttlMs }: SendOptions, key: unknown): string | undefined {
  for (const [name, value] of Object.entries({ event, key })) {
    if (value != null && typeof value !== 'string') return `${name} must be a string`;
  }
  for (const [name, value] of Object.entries({ timeoutMs, ttlMs })) {
    // Not NaN either.
    const isTime = typeof value === 'number' && value >= 0;
    if (value != null && !isTime) return `${name} must be a number from 0 on`;
  }
  return undefined;
}

/** What is known of what nobody sent. */
const ownMeta = (kind: NonNullable<MessageMeta['kind']>, event: string): MessageMeta => ({
  channel: '',
  event,
  kind,
  receivedAt: Date.now(),
  own: false,
  recovered: false,
});

/** What a new connection must be made for. */
const addressOf = (options: ClientOptions): unknown[] =>
  (['url', 'protocol', 'vsn', 'apiKey', 'params', 'protocols'] as const).map(
    (name) => options[name],
  );

/** A client's session with one engine. After a trap it is abandoned and the client gets another. */
export class EngineSession implements Session {
  readonly #ledger: Ledger;
  readonly #host: SessionHost;
  readonly #routes: Routes;
  readonly #collections: Collections;
  readonly #reporter: Reporter;
  readonly #engine: Engine;
  /** `closed`: by `destroy()`; `abandoned`: its engine is gone. */
  #life: 'live' | 'closed' | 'abandoned' = 'live';
  /** Subscribers whose params others of their channel rule out, until those are gone. */
  readonly #excluded = new Set<Subscriber>();
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
    this.#collections = new Collections(ledger, (work) => this.#call(work));
    this.#routes = new Routes(ledger, gaps, (subscriber) => this.#collections.refresh(subscriber));
    this.#reporter = reporterOf(ledger);
    this.#address = addressOf(ledger.options);
    this.#reporter.checkNames('client', ledger.options);
    try {
      this.#engine = new Engine(engineOptions(ledger.options), (...report) =>
        this.#report(...report),
      );
    } catch (error) {
      throw isTrap(error) ? error : fromThrown(this.#ledger, error);
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
    const error = this.#join(subscriber);
    if (!error) return;
    this.#excluded.add(subscriber);
    // Those it differs from may go in the same task, as components that are rendered anew do.
    queueMicrotask(() => {
      if (this.#excluded.has(subscriber) && subscriber.view.state !== 'left') {
        refuse(this.#ledger, subscriber, error);
        this.#reporter.error(error, !!subscriber.options.onError);
      }
    });
  }

  /** Joins a subscriber; returns why not, if the channel's other subscribers are why. */
  #join(subscriber: Subscriber): RealtimeError | undefined {
    const { number, channel, options, rows } = subscriber;
    this.#reporter.checkNames(rows ? 'collection' : 'channel', options, channel);
    try {
      this.#routes.add(subscriber, () =>
        this.#call((engine) =>
          rows
            ? this.#collections.open(engine, subscriber, rows)
            : engine.subscribe(number, channel, joinOptions(this.#ledger, options)),
        ),
      );
      return undefined;
    } catch (error) {
      const refused = error as RealtimeError;
      // What others rule out is no fault of the call.
      if (refused.code !== 'invalid_argument' || !refused.channel) throw error;
      return refused;
    }
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#routes.remove(subscriber);
    this.#collections.close(subscriber);
    const command = subscriber.rows ? Command.CloseCollection : Command.Unsubscribe;
    this.#call((engine) => engine.tell(command, subscriber.number));
    for (const other of [...this.#excluded]) {
      if (other.channel === subscriber.channel) this.#readmit(other);
    }
  }

  /** Joins a subscriber that was excluded, unless it is released or others still exclude it. */
  #readmit(subscriber: Subscriber): void {
    const { subscribers } = this.#ledger;
    this.#excluded.delete(subscriber);
    if (subscriber.view.state === 'left') return;
    subscribers.add(subscriber);
    if (this.#join(subscriber)) this.#excluded.add(subscriber);
    else subscriber.rows?.show({ isLoading: true, error: null });
  }

  send(outgoing: Outgoing): void {
    const { number, channel, payload, options, errand, sent, at } = outgoing;
    // Only messages of a channel are ever bytes.
    const text = (payload as string) || undefined;
    const { collection, action = 0, key } = errand ?? {};
    this.#reporter.watch(outgoing);
    this.#reporter.checkNames('send', options, channel);
    if (collection && !this.#ledger.subscribers.has(collection)) {
      this.#ledger.settle(outgoing, collection.view.error ?? released(this.#ledger, channel));
      return;
    }
    const fault = faultOf(options, key);
    if (fault) {
      this.#ledger.settle(outgoing, invalidOption(this.#ledger, fault, channel));
      return;
    }
    const ttl = options.ttlMs ?? this.#ledger.options.queue?.ttlMs;
    // The time it waited for the engine counts.
    const left = (ms: number | undefined) =>
      ms === undefined ? ms : Math.max(0, ms - (performance.now() - at));
    const flags =
      (asksAck(this.#ledger, outgoing) ? SendFlag.Ack : 0) |
      (options.ephemeral ? SendFlag.Ephemeral : 0);
    this.#call((engine) => {
      if (collection) {
        engine.mutate(collection.number, number, sent.id, action, key, text);
      } else if (errand) {
        engine.presence(number, channel, action, key, text);
      } else {
        engine.send(
          number,
          channel,
          payload,
          sent.id,
          options.event,
          flags,
          left(options.timeoutMs),
          left(ttl),
        );
      }
    });
  }

  cancel(outgoing: Outgoing): void {
    this.#call((engine) => engine.tell(Command.Cancel, outgoing.number));
  }

  typing(channel: string, typing: boolean): void {
    this.#call((engine) => engine.typing(channel, typing));
  }

  reload(collection: Subscriber): void {
    this.#call((engine) => engine.tell(Command.Reload, collection.number));
  }

  /** What would be shown at once of a collection that is opened now. */
  peek(
    channel: string,
    options: CollectionOptions<object>,
  ): Partial<CollectionSnapshot<object>> | undefined {
    return this.#call((engine) => this.#collections.peek(engine, channel, options));
  }

  connect(): void {
    this.#call((engine) => engine.tell(Command.Connect, 0));
  }

  disconnect(): void {
    this.#call((engine) => engine.tell(Command.Disconnect, 0));
  }

  configure(options: ClientOptions): void {
    const ledger = this.#ledger;
    this.#reporter.checkNames('client', options);
    if (options.identity !== ledger.options.identity) {
      ledger.tracked.clear();
      this.#collections.dropFormer();
    }
    const address = addressOf(options);
    const moved = address.some((part, at) => part !== this.#address[at]);
    this.#call((engine) => engine.configure(engineOptions(options), moved));
    this.#address = address;
  }

  setToken(): void {
    const { token, claimedMs, leftMs, subject } = grantOf(this.#ledger.token);
    this.#ledger.secret = token;
    this.#speakFor(subject);
    this.#call((engine) => engine.setToken(token, claimedMs, leftMs, subject));
  }

  /** The engine forgets what another user showed and sent; the next one does not get it either. */
  #speakFor(user: string | undefined): void {
    const ledger = this.#ledger;
    if (ledger.user !== user && ledger.options.identity === undefined) {
      ledger.tracked.clear();
      this.#collections.dropFormer();
      // Before the first token nobody is known to have sent anything.
      if (ledger.user) for (const send of ledger.sends.values()) send.transmitted = true;
    }
    ledger.user = user;
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
      if (!isTrap(error)) throw fromThrown(this.#ledger, error);
      this.#host.trapped(error);
      return undefined;
    }
  }

  #report(...[kind, subject, a, b, c, d, e, f]: Parameters<Sink>): void {
    if (this.#life !== 'live') return;
    const ledger = this.#ledger;
    switch (kind) {
      case Kind.State: {
        this.#hasReported = true;
        const state = STATES[subject] ?? 'failed';
        const error = b ? fromEngine(this.#ledger, b) : null;
        // An error is told once; it holds until things are well again, or nothing is tried any more.
        const calm = !/ing|failed/.test(state);
        const isHandled = state === 'failed' && isAwaited(ledger);
        ledger.update({ state, error: error ?? (calm ? null : ledger.snapshot().error) }, a);
        this.#reporter.log(error ? 'warn' : 'info', 'state', {
          state,
          reason: a,
          ...(error && details(error)),
        });
        if (error) this.#reporter.emit(error, isHandled);
        break;
      }
      case Kind.Quality:
        ledger.update({ quality: QUALITIES[subject] ?? 'offline' });
        break;
      case Kind.Queue:
        ledger.update({ queueDepth: subject });
        break;
      case Kind.Message:
        this.#routes.deliver(subject, a, {
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
      case Kind.Batch:
        ledger.emit('batch');
        break;
      case Kind.Change:
        this.#routes.change(subject, a, new Set(d), {
          ...ownMeta('change', b),
          ...(c !== undefined && { id: c }),
        });
        break;
      case Kind.System:
        this.#routes.system(subject, a, ownMeta('system', b), c);
        break;
      case Kind.Channel:
        this.#routes.status(subject, a, b, c ? fromEngine(ledger, c) : null, d);
        break;
      case Kind.Gap:
        this.#routes.gap(subject, a);
        break;
      case Kind.Presence:
        this.#routes.presence(subject, a);
        break;
      case Kind.Typing:
        this.#routes.typing(subject, a);
        break;
      case Kind.Collection: {
        const error = f ? fromEngine(this.#ledger, f) : null;
        const report = { rows: a, keys: b, pending: c, pendingKeys: d, status: e, error };
        this.#collections.report(subject, report);
        break;
      }
      case Kind.Ask:
        this.#collections.ask(subject, a, b, c, d, e);
        break;
      case Kind.Send:
      case Kind.Mutation:
        this.#progress(subject, a, b);
        break;
      case Kind.Error:
        this.#routes.error(subject, fromEngine(this.#ledger, a));
        break;
      case Kind.AskUrl:
        askAddress(ledger.options).then(
          ({ url, protocols }) => this.#call((engine) => engine.answerUrl(subject, url, protocols)),
          (error) =>
            this.#call((engine) => engine.answerUrl(subject, undefined, [], wordsOf(error))),
        );
        break;
      case Kind.AskToken:
        askToken(ledger.options).then(
          ({ token, claimedMs, leftMs, subject: user }) => {
            ledger.secret = token;
            this.#speakFor(user);
            this.#call((engine) => engine.answerToken(subject, token, claimedMs, leftMs, user));
          },
          (error) =>
            this.#call((engine) =>
              engine.answerToken(
                subject,
                undefined,
                undefined,
                undefined,
                undefined,
                wordsOf(error),
              ),
            ),
        );
        break;
      case Kind.AskInflate:
        inflate(a, b).then((text) => this.#call((engine) => engine.answerInflate(subject, text)));
        break;
      case Kind.Log:
        this.#reporter.log(LOG_LEVELS[subject] ?? 'info', a, b === undefined ? {} : { code: b });
        break;
    }
  }

  #progress(number: number, status: number, outcome?: Ack | EngineError): void {
    const outgoing = this.#ledger.sends.get(number);
    if (!outgoing) return;
    const name = SEND_STATUSES[status];
    const { sent, errand } = outgoing;
    if (name === 'acked' || name === 'failed') {
      const end =
        name === 'failed'
          ? fromEngine(this.#ledger, outcome as EngineError)
          : ((outcome as Ack | undefined) ?? { confirmed: false });
      this.#ledger.settle(outgoing, end);
      if (errand?.collection) this.#collections.settled(errand.collection, sent.id);
      else if (errand && name === 'acked') this.#remember(outgoing, errand);
    } else if (name) {
      outgoing.transmitted ||= name === 'sent';
      sent.status = name;
    }
  }

  /** Another engine would have to say it again. */
  #remember(outgoing: Outgoing, { action, key }: Errand): void {
    const { tracked } = this.#ledger;
    const { channel } = outgoing;
    const before = tracked.get(channel)?.errand;
    if (action === UNTRACK) tracked.delete(channel);
    else tracked.set(channel, { ...outgoing, errand: { action: TRACK, key: key ?? before?.key } });
  }
}
