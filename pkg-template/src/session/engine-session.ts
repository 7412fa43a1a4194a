/** The session of a client with its engine: forwards calls to the engine, and its reports to the app. */
import type { ClientState, PendingSend, SendTarget, Session, Subscriber } from '../client-state.js';
import type { CollectionOptions, CollectionSnapshot } from '../collection-types.js';
import type { RealtimeError } from '../errors.js';
import { isAwaited, rejectSubscriber } from '../fail.js';
import {
  Command,
  ErrorInForce,
  Kind,
  MessageFlag,
  QUALITIES,
  REASONS,
  SEND_STATUSES,
  SendFlag,
  STATES,
} from '../generated/engine.js';
import type { Engine, EngineModule } from '../generated/engine-interface.js';
import { PresenceAction } from '../generated/facade.js';
import type { ClientOptions, TokenAnswer } from '../options.js';
import { details, type Reporter, reporterOf } from '../reporter.js';
import type { Ack } from '../sent.js';
import type { ChannelStats, Metrics } from '../stats-types.js';
import type { MessageMeta } from '../types.js';
import { ChannelRouter } from './channel-router.js';
import { CollectionRouter } from './collection-router.js';
import { textOf } from './credentials.js';
import { addressFor, tokenFor } from './early-attempt.js';
import type { EngineError, Sink } from './engine-abi.js';
import {
  addSecret,
  fromEngine,
  fromThrown,
  invalidOption,
  messageOf,
  released,
} from './engine-errors.js';
import { frameReader, type Receiver } from './frame-reader.js';
import { canInflate, inflate } from './inflate.js';
import { OwnIds } from './own-ids.js';
import { areNamesKnown, faultOf } from './send-options.js';
import { socketAddress } from './socket-url.js';
import { channelStatsOf, metricsOf } from './stats.js';
import { joinOptions } from './subscribe-options.js';
import { isTrap } from './trap-guard.js';
import { utf8Length } from './utf8-length.js';

/** The owner of the sessions. */
export interface SessionHost {
  /** Called when the engine trapped: all engines of its wasm instance are in an undefined state. */
  trapped(error: unknown): void;
  /** Called when the session was destroyed. */
  ended(): void;
}

/** The engine's options: without those that only the facade uses. */
function engineOptions({ wasm, logger, debug, ...options }: ClientOptions): object {
  return { ...options, inflates: canInflate(), address: knownAddress(options) };
}

/** The address, unless a function has to be called for it. */
function knownAddress(options: ClientOptions): string | undefined {
  const { url = '', params } = options;
  try {
    return typeof url === 'function' ? undefined : socketAddress(url, params).href;
  } catch {
    // Reported when the engine requests the address.
    return undefined;
  }
}

/** The metadata of a message that no client sent. */
const serverMeta = (kind: NonNullable<MessageMeta['kind']>, event: string): MessageMeta => ({
  channel: '',
  event,
  kind,
  receivedAt: Date.now(),
  own: false,
  recovered: false,
});

/** The options whose change needs a new connection. */
const addressOf = (options: ClientOptions): unknown[] =>
  (['url', 'protocol', 'vsn', 'apiKey', 'params', 'protocols'] as const).map(
    (name) => options[name],
  );

/** The session of a client with one engine. After a trap it is abandoned and the client gets another. */
export class EngineSession implements Session {
  readonly #client: ClientState;
  readonly #host: SessionHost;
  readonly #channels: ChannelRouter;
  readonly #collections: CollectionRouter;
  readonly #reporter: Reporter;
  readonly #engine: Engine;
  /** `closed`: by `destroy()`; `abandoned`: its engine has trapped. */
  #life: 'live' | 'closed' | 'abandoned' = 'live';
  /** Subscribers whose params conflict with those of others of their channel, until those are removed. */
  readonly #excluded = new Set<Subscriber>();
  readonly #ownIds: OwnIds;
  readonly #receiver: Receiver;
  #address: unknown[];
  #hasReported = false;
  /** Whether messages were passed to the engine that it sends at the end of the task. */
  #willFlush = false;

  /** @throws RealtimeError if the options are invalid; a trap as it is */
  constructor(
    Engine: EngineModule['Engine'],
    client: ClientState,
    gaps: Set<string>,
    host: SessionHost,
  ) {
    this.#client = client;
    this.#host = host;
    this.#collections = new CollectionRouter(client, (work) => this.#call(work));
    this.#channels = new ChannelRouter(client, gaps, (subscriber) =>
      this.#collections.refresh(subscriber),
    );
    this.#reporter = reporterOf(client);
    this.#ownIds = new OwnIds((send) => client.sends.has(send));
    this.#receiver = {
      routes: this.#channels.routes,
      isLive: () => this.#life === 'live',
      isOwn: (id) => this.#ownIds.has(id),
      maxBytes: () => client.options.maxFrameBytes,
      deliver: (route, payload, meta) => this.#channels.deliver(route, payload, meta),
      failed: (error) => this.#failed(error),
    };
    this.#address = addressOf(client.options);
    this.#reporter.checkNames('client', client.options);
    try {
      this.#engine = new Engine(engineOptions(client.options), (...report) =>
        this.#report(...report),
      );
    } catch (error) {
      throw isTrap(error) ? error : fromThrown(this.#client, error);
    }
    if (client.token !== undefined) this.setToken();
  }

  /** Whether the engine has reported its state; until it does, it is idle. */
  get hasReported(): boolean {
    return this.#hasReported;
  }

  /** Ignores all further reports of the engine, which has trapped. */
  abandon(): void {
    this.#life = 'abandoned';
  }

  subscribe(subscriber: Subscriber): void {
    const error = this.#join(subscriber);
    if (!error) return;
    this.#excluded.add(subscriber);
    // Those it conflicts with may be removed in the same task, as when components render again.
    queueMicrotask(() => {
      if (this.#excluded.has(subscriber) && subscriber.view.state !== 'left') {
        rejectSubscriber(this.#client, subscriber, error);
        this.#reporter.error(error, !!subscriber.options.onError);
      }
    });
  }

  /** Joins a subscriber; returns the error if it conflicts with the channel's other subscribers. */
  #join(subscriber: Subscriber): RealtimeError | undefined {
    const { number, channel, options, collectionState } = subscriber;
    this.#reporter.checkNames(collectionState ? 'collection' : 'channel', options, channel);
    try {
      this.#channels.add(subscriber, () =>
        this.#call((engine) =>
          collectionState
            ? this.#collections.open(engine, subscriber, collectionState)
            : engine.subscribe(number, channel, joinOptions(this.#client, options)),
        ),
      );
      return undefined;
    } catch (error) {
      const rejection = error as RealtimeError;
      // A conflict with others is not an error of this call.
      if (rejection.code !== 'invalid_argument' || !rejection.channel) throw error;
      return rejection;
    }
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#channels.remove(subscriber);
    this.#collections.close(subscriber);
    const command = subscriber.collectionState ? Command.CloseCollection : Command.Unsubscribe;
    this.#call((engine) => engine.run(command, subscriber.number));
    for (const other of [...this.#excluded]) {
      if (other.channel === subscriber.channel) this.#readmit(other);
    }
  }

  /** Joins a subscriber that was excluded, unless it is released or still conflicts with others. */
  #readmit(subscriber: Subscriber): void {
    const { subscribers } = this.#client;
    this.#excluded.delete(subscriber);
    if (subscriber.view.state === 'left') return;
    subscribers.add(subscriber);
    if (this.#join(subscriber)) this.#excluded.add(subscriber);
    else subscriber.collectionState?.show({ isLoading: true, error: null });
  }

  send(send: PendingSend): void {
    const { number, channel, payload, options, target, sent } = send;
    // Only messages of a channel can be bytes.
    const text = (payload as string) || undefined;
    const { collection, action = 0, key } = target ?? {};
    send.onFailure = this.#reporter.sendFailed;
    if (!areNamesKnown(options)) this.#reporter.checkNames('send', options, channel);
    if (collection && !this.#client.subscribers.has(collection)) {
      this.#client.settle(send, collection.view.error ?? released(this.#client, channel));
      return;
    }
    const fault = faultOf(options, key);
    if (fault) {
      this.#client.settle(send, invalidOption(this.#client, fault, channel));
      return;
    }
    // Presence has no messages.
    if (collection || !target) this.#ownIds.add(sent.id, number);
    if (target) {
      this.#call((engine) => {
        if (collection) engine.mutate(collection.number, number, sent.id, action, key, text);
        else engine.presence(number, channel, action, key, text);
      });
    } else this.#sendMessage(send);
  }

  #sendMessage({ number, channel, payload, options, sent, at }: PendingSend): void {
    if (this.#life !== 'live') return;
    const { ack, event, timeoutMs, ttlMs, ephemeral } = options;
    const flags =
      (ack == null ? 0 : ack ? SendFlag.Ack : SendFlag.NoAck) |
      (ephemeral ? SendFlag.Ephemeral : 0);
    const bytes = typeof payload === 'string' ? utf8Length(payload) : payload.byteLength;
    // Most sends have no time that counts from the call.
    const isTimed = (timeoutMs ?? ttlMs ?? this.#client.options.queue?.ttlMs) != null;
    const waitedMs = isTimed ? performance.now() - at : 0;
    try {
      this.#engine.send(
        number,
        channel,
        payload,
        sent.id,
        event,
        flags,
        timeoutMs,
        ttlMs,
        waitedMs,
        bytes,
      );
    } catch (error) {
      this.#failed(error);
    }
    if (!ephemeral) this.#flushLater();
  }

  /** Lets the engine send at the end of the task, so that frames of one task go out together. */
  #flushLater(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    // While the page is put away, possibly no microtask follows.
    const { type } = globalThis.event ?? {};
    if (type === 'pagehide' || type === 'freeze') this.#flush();
    else queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#willFlush = false;
    this.#call((engine) => engine.poll());
  }

  cancel(send: PendingSend): void {
    this.#call((engine) => engine.run(Command.Cancel, send.number));
  }

  typing(channel: string, typing: boolean): void {
    this.#call((engine) => engine.typing(channel, typing));
  }

  reload(collection: Subscriber): void {
    this.#call((engine) => engine.run(Command.Reload, collection.number));
  }

  /** Returns the initial snapshot that a collection opened now would have. */
  peek(
    channel: string,
    options: CollectionOptions<object>,
  ): Partial<CollectionSnapshot<object>> | undefined {
    return this.#call((engine) => this.#collections.peek(engine, channel, options));
  }

  connect(): void {
    this.#call((engine) => engine.run(Command.Connect, 0));
  }

  disconnect(): void {
    this.#call((engine) => engine.run(Command.Disconnect, 0));
  }

  configure(options: ClientOptions): void {
    const client = this.#client;
    this.#reporter.checkNames('client', options);
    if (options.identity !== client.options.identity) {
      client.tracked.clear();
      this.#collections.dropFormer();
    }
    const address = addressOf(options);
    const isNewAddress = address.some((part, at) => part !== this.#address[at]);
    this.#call((engine) => engine.configure(engineOptions(options), isNewAddress));
    this.#address = address;
  }

  setToken(): void {
    const { token } = this.#client;
    this.#passToken(token, (engine) => engine.setToken(token));
  }

  /** Passes a token to the engine. If its user is another one, the former user's presence, rows and sends are not replayed on another engine. */
  #passToken(token: TokenAnswer, pass: (engine: Engine) => string | null | undefined): void {
    const client = this.#client;
    addSecret(client, textOf(token));
    // Another engine requests a token of its own.
    if (this.#life !== 'live') return;
    const former = [...client.sends.values()];
    const user = this.#call(pass);
    // Not a token.
    if (user === null) return;
    if (client.user !== user && client.options.identity === undefined) {
      client.tracked.clear();
      this.#collections.dropFormer();
      // Sends from before the first token belong to no user.
      if (client.user) for (const send of former) send.transmitted = true;
    }
    client.user = user;
  }

  destroy(): void {
    this.#call((engine) => engine.run(Command.Destroy, 0));
    if (this.#life === 'live') this.#life = 'closed';
    // Deferred: the engine may be the caller.
    queueMicrotask(() => {
      this.#host.ended();
      if (this.#life === 'closed') this.#engine.free();
    });
  }

  metrics(): Metrics | undefined {
    const numbers = this.#call((engine) => engine.metrics());
    return numbers && metricsOf(numbers);
  }

  channelStats(): ChannelStats[] {
    return this.#call((engine) => engine.channelStats().map(channelStatsOf)) ?? [];
  }

  /** Calls the engine. Returns `undefined` after a trap: the call is replayed on the next engine. */
  #call<R>(work: (engine: Engine) => R): R | undefined {
    if (this.#life !== 'live') return undefined;
    try {
      return work(this.#engine);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** Handles an error that the engine threw: a trap ends the session, any other is thrown as the app receives it. */
  #failed(error: unknown): void {
    if (!isTrap(error)) throw fromThrown(this.#client, error);
    this.#host.trapped(error);
  }

  #report(...[kind, subject, a, b, c, d, e, f]: Parameters<Sink>): ReturnType<Sink> {
    if (this.#life !== 'live') return undefined;
    const client = this.#client;
    switch (kind) {
      case Kind.State: {
        this.#hasReported = true;
        const state = STATES[subject] ?? 'failed';
        const reason = REASONS[a];
        const error = b ? fromEngine(client, b) : null;
        const isHandled = state === 'failed' && isAwaited(client);
        // The engine reports the latest error once; it is kept in the snapshot as long as the engine has it in force.
        client.update({ state, ...(c !== ErrorInForce.Latest && { error }) }, reason);
        this.#reporter.log(error ? 'warn' : 'info', 'state', {
          state,
          reason,
          ...(error && details(error)),
        });
        if (error) this.#reporter.emit(error, isHandled);
        break;
      }
      case Kind.Quality:
        client.update({ quality: QUALITIES[subject] ?? 'offline' });
        break;
      case Kind.Queue:
        client.update({ queueDepth: subject });
        break;
      case Kind.Message:
        this.#channels.message(
          subject,
          a,
          {
            channel: '',
            ...(b !== undefined && { event: b }),
            ...(c !== undefined && { id: c }),
            ...(d !== undefined && { seq: d }),
            ...(e !== undefined && { epoch: e }),
            receivedAt: Date.now(),
            own: !!(f & MessageFlag.Own),
            recovered: !!(f & MessageFlag.Recovered),
          },
          !!(f & MessageFlag.Reserved),
        );
        break;
      case Kind.MessageListener:
        return frameReader(this.#engine, subject, a, this.#receiver);
      case Kind.RenderTick:
        this.#channels.tick();
        break;
      case Kind.Change:
        this.#channels.change(subject, a, new Set(d), {
          ...serverMeta('change', b),
          ...(c !== undefined && { id: c }),
        });
        break;
      case Kind.System:
        this.#channels.system(subject, a, serverMeta('system', b), c);
        break;
      case Kind.Channel:
        this.#channels.status(subject, a, b, c ? fromEngine(client, c) : null, d);
        break;
      case Kind.Gap:
        this.#channels.gap(subject, a);
        break;
      case Kind.Presence:
        this.#channels.presence(subject, a);
        break;
      case Kind.Typing:
        this.#channels.typing(subject, a);
        break;
      case Kind.Collection: {
        const error = f ? fromEngine(this.#client, f) : null;
        const report = { rows: a, keys: b, pending: c, pendingKeys: d, status: e, error };
        this.#collections.report(subject, report);
        break;
      }
      case Kind.AppRequest:
        this.#collections.request(subject, a, b, c, d, e);
        break;
      case Kind.Send:
      case Kind.Mutation:
        this.#progress(subject, a, b);
        break;
      case Kind.Sends:
        // A copy: a callback may call the engine, which may move its memory.
        for (const send of (a as Uint32Array).slice()) this.#progress(send, subject);
        break;
      case Kind.Error:
        this.#channels.error(subject, fromEngine(this.#client, a));
        break;
      case Kind.UrlRequest:
        addressFor(client, a).then(
          ({ url, protocols }) => this.#call((engine) => engine.answerUrl(subject, url, protocols)),
          (error) =>
            this.#call((engine) => engine.answerUrl(subject, undefined, [], messageOf(error))),
        );
        break;
      case Kind.TokenRequest:
        tokenFor(client).then(
          (token) => this.#passToken(token, (engine) => engine.answerToken(subject, token)),
          (error) =>
            this.#call((engine) => engine.answerToken(subject, undefined, messageOf(error))),
        );
        break;
      case Kind.InflateRequest:
        inflate(a, b).then((text) => this.#call((engine) => engine.answerInflate(subject, text)));
        break;
      case Kind.Log:
        this.#reporter.log('debug', a, b === undefined ? {} : { code: b });
        break;
    }
    return undefined;
  }

  #progress(number: number, status: number, outcome?: Ack | EngineError): void {
    const send = this.#client.sends.get(number);
    if (!send) return;
    const name = SEND_STATUSES[status];
    const { sent, target } = send;
    if (name === 'acked' || name === 'failed') {
      const end =
        name === 'failed'
          ? fromEngine(this.#client, outcome as EngineError)
          : ((outcome as Ack | undefined) ?? { confirmed: false });
      this.#client.settle(send, end);
      if (target?.collection) this.#collections.settled(target.collection, sent.id);
      else if (target && name === 'acked') this.#rememberPresence(send, target);
    } else if (name) {
      send.transmitted ||= name === 'sent';
      sent.status = name;
    }
  }

  /** Stores the accepted presence, which another engine would have to send again. */
  #rememberPresence(send: PendingSend, { action, key }: SendTarget): void {
    const { tracked } = this.#client;
    const { channel } = send;
    const before = tracked.get(channel)?.target;
    if (action === PresenceAction.Untrack) tracked.delete(channel);
    else {
      const target = { action: PresenceAction.Track, key: key ?? before?.key };
      tracked.set(channel, { ...send, target });
    }
  }
}
