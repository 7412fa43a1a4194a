/** The state of one client outside the engine: everything an engine needs to start, or to start again after a crash. */
import type { CollectionOptions, CollectionSnapshot } from './collection-types.js';
import type { ChannelOptions, ChannelState, Continuity } from './common-types.js';
import type { Emitter } from './emitter.js';
import type { ErrorCode, ErrorDetails, RealtimeError } from './errors.js';
import type { Reason } from './generated/types.js';
import type { ClientOptions } from './options.js';
import type { outcome } from './outcome.js';
import type { Meta } from './presence-types.js';
import type { Ack, SendOptions } from './sent.js';
import type { SentMessage } from './sent-message.js';
import type { Payload } from './serialize.js';
import type { ChannelStats, Metrics } from './stats-types.js';
import type { ClientSnapshot, MessageCallback, MessageMeta } from './types.js';

/** The state of a channel. Its subscribers share one once the engine has given the channel an id. */
export interface ChannelView {
  state: ChannelState;
  continuity: Continuity;
  error: RealtimeError | null;
  presence: ReadonlyMap<string, readonly Meta[]>;
  who: readonly string[];
}

/** A collection's rows and options. */
export interface CollectionState<T extends object = object> {
  options: CollectionOptions<T>;
  byKey: ReadonlyMap<string, T>;
  snapshot: CollectionSnapshot<T>;
  /** Merges the changes and notifies the listeners. */
  show(changes: Partial<CollectionSnapshot<T>>): void;
}

/** A subscription, handle or collection. */
export interface Subscriber {
  /** Its id at the engine, never reused. */
  number: number;
  channel: string;
  options: ChannelOptions;
  view: ChannelView;
  /** Receives the messages. */
  deliver?: MessageCallback<unknown> | null | undefined;
  /** Receives the database changes that its options select, instead of `deliver`. */
  change?: MessageCallback<unknown>;
  /** Of a handle: receives a message, with the names of the events to emit for it. */
  receive?: (events: string[], message: unknown, meta: MessageMeta) => void;
  /** Of a handle: notifies its listeners of an event of presence, or of `typing`. */
  notify?: (event: string, ...values: unknown[]) => void;
  /** Of a collection: its rows. */
  collectionState?: CollectionState;
}

/** The members that make a {@link Subscriber} a subscription, a handle or a collection. */
export type SubscriberHandlers = Partial<
  Pick<Subscriber, 'deliver' | 'change' | 'receive' | 'notify' | 'collectionState'>
>;

/** What a send changes, if it is not a channel message: a collection's row, or presence. */
export interface SendTarget {
  /** The collection that is changed; `undefined`: presence. */
  collection?: Subscriber;
  /** For a collection: a `ChangeAction`. For presence: a `PresenceAction`. */
  action: number;
  /** The key of the row, or of this client's presence. */
  key: string | undefined;
}

/** A send that is not settled: the client's side of a {@link Sent}. */
export interface PendingSend {
  /** Its id at the engine. */
  number: number;
  channel: string;
  /** Empty if there is none. */
  payload: Payload;
  /** The size of the payload, known while there is no engine. */
  bytes?: number;
  options: SendOptions;
  target: SendTarget | undefined;
  /** The time of the app's call, by `performance.now()`. */
  at: number;
  /** Whether another engine must not send it: it was written to a socket, or the user has changed. */
  transmitted?: boolean;
  /** The object that the app has. */
  sent: SentMessage;
  /** Aborts it; the listener of its `signal`, if it has one. */
  onAbort?: () => void;
  /** Reports its failure, once an engine has received it. */
  onFailure?: (send: PendingSend, error: RealtimeError) => void;
}

/** A running engine, as the facade uses it. Its methods throw only errors of the class RealtimeError. */
export interface Session {
  subscribe(subscriber: Subscriber): void;
  unsubscribe(subscriber: Subscriber): void;
  send(send: PendingSend): void;
  cancel(send: PendingSend): void;
  typing(channel: string, typing: boolean): void;
  reload(collection: Subscriber): void;
  connect(): void;
  disconnect(): void;
  destroy(): void;
  configure(options: ClientOptions): void;
  setToken(): void;
  metrics(): Metrics | undefined;
  channelStats(): ChannelStats[];
}

/** The engine's session, or the status of loading the engine. */
export type EngineSlot = Session | 'absent' | 'loading';

/** The calls that are queued until there is an engine. */
export type Operation = 'subscribe' | 'send' | 'connect' | 'disconnect';

/** The client's state as the eager facade keeps it. */
export interface FacadeState {
  options: ClientOptions;
  /** The last `setToken`; `undefined` if there was none. */
  token?: string | null;
  engine: EngineSlot;
  /** The last `connect` or `disconnect`, unless a later call has cancelled it. */
  intent?: 'connect' | 'disconnect' | undefined;
  /** In the order of the calls. */
  subscribers: Set<Subscriber>;
  /** Unsettled sends by number, in the order of the calls. */
  sends: Map<number, PendingSend>;
  /** Calls the engine has not received, in order: subject → call. */
  log: Map<Subscriber | PendingSend | Operation, Operation>;
  /** The promises that `connect()` returned, until the client is ready or has failed. */
  waiting: Set<ReturnType<typeof outcome<void>>>;
  emitter: Emitter;
  /** Reports an error that one of the app's functions threw. */
  report(error: unknown): void;
  /** The facade's copy of the class: an error of the lazy chunk's own copy would not be `instanceof` it. */
  ErrorClass: typeof RealtimeError;
  /** Returns a new id of 128 random bits. */
  newId(): string;
  /** Returns the value's JSON; throws `invalid_argument`, which names `argument`. */
  serialise(value: unknown, argument?: string): string;
  snapshot(): ClientSnapshot;
  /** Merges the changes and notifies the listeners. */
  update(changes: Partial<ClientSnapshot>, reason?: Reason | ErrorCode): void;
  /** Settles a send; does nothing if it is settled. */
  settle(send: PendingSend, outcome: Ack | RealtimeError): void;
}

/** The client's state as its session uses it. */
export interface ClientState extends FacadeState {
  /** The last tokens, the newest first; they are redacted from errors. */
  secrets?: readonly string[];
  /** The subject of the last token, if it has one. */
  user?: string | undefined;
  /** This client's presence as the server accepted it, by channel. */
  tracked: Map<string, PendingSend>;
  makeError(code: ErrorCode, message: string, hint: string, details?: ErrorDetails): RealtimeError;
  emit(event: string, ...values: unknown[]): void;
  /** Whether an event has a listener. */
  listens(event: string): boolean;
  /** Calls one of the app's functions, if there is one; an error it throws is reported. */
  call<A extends unknown[]>(
    callback: ((...values: A) => void) | null | undefined,
    ...values: A
  ): void;
}

/** The module `./session/engine-host.js`. */
export interface CoreModule {
  /**
   * Begins what a client, if there is one, can do before the engine is loaded. Returns a function that gives it its session once
   * the engine is started, and replays the queued calls; it rejects if the built-in engine was needed and could not be
   * loaded.
   */
  prepare(inline: () => Promise<unknown>, facade?: FacadeState): () => Promise<void>;
}
