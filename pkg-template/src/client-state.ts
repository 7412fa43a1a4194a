/** What the app has asked of a client: all that an engine needs to begin, or to begin again. */
import type { CollectionOptions, CollectionSnapshot } from './collection-types.js';
import type { ChannelOptions, ChannelState, Continuity } from './common-types.js';
import type { Emitter } from './emitter.js';
import type { ErrorCode, ErrorDetails, RealtimeError } from './errors.js';
import type { ClientOptions } from './options.js';
import type { Outcome, outcome } from './outcome.js';
import type { Meta } from './presence-types.js';
import type { Ack, SendOptions, SentStatus } from './sent.js';
import type { Payload } from './serialize.js';
import type { ChannelStats, Metrics } from './stats-types.js';
import type { ClientSnapshot, MessageCallback, MessageMeta } from './types.js';

/** Where a channel stands. Its subscribers share one once the engine knows it. */
export interface ChannelView {
  state: ChannelState;
  continuity: Continuity;
  error: RealtimeError | null;
  presence: ReadonlyMap<string, readonly Meta[]>;
  who: readonly string[];
}

/** What a collection shows, and how it wants it. */
export interface Rows<T extends object = object> {
  options: CollectionOptions<T>;
  byKey: ReadonlyMap<string, T>;
  snapshot: CollectionSnapshot<T>;
  /** Takes over what changed and tells the listeners. */
  show(changes: Partial<CollectionSnapshot<T>>): void;
}

/** One subscription, handle or collection. */
export interface Subscriber {
  /** Its number at the engine, never used again. */
  number: number;
  channel: string;
  options: ChannelOptions;
  view: ChannelView;
  /** Gets the messages. */
  deliver?: MessageCallback<unknown> | null | undefined;
  /** Gets the changes of the database it asked for, if `deliver` does not. */
  change?: MessageCallback<unknown>;
  /** Gets a handle's messages, with the events under which it is to tell of them. */
  hear?: (events: string[], message: unknown, meta: MessageMeta) => void;
  /** Tells a handle's listeners of presence, by its events, and of `typing`. */
  tell?: (event: string, ...values: unknown[]) => void;
  /** A collection's. */
  rows?: Rows;
}

/** What makes the kinds of {@link Subscriber}. */
export type Part = Partial<Pick<Subscriber, 'deliver' | 'change' | 'hear' | 'tell' | 'rows'>>;

/** What is on its way out, if it is no message of the channel. */
export interface Errand {
  /** The collection that is changed; without one it is about presence. */
  collection?: Subscriber;
  /** Of a collection: an index of the engine's `CHANGES`. Of presence: `TRACK`, `UPDATE` or `UNTRACK`. */
  action: number;
  /** The row's or the presence's. */
  key: string | undefined;
}

/** The client's side of a {@link Sent}. */
export interface Outgoing {
  /** Its number at the engine. */
  number: number;
  channel: string;
  /** Empty if it has none. */
  payload: Payload;
  bytes: number;
  options: SendOptions;
  errand: Errand | undefined;
  /** When it was given to the client, by `performance.now()`. */
  at: number;
  /** Whether another engine must not send it: a socket had it, or its user is another one now. */
  transmitted: boolean;
  /** What the app holds. */
  sent: { id: string; status: SentStatus; acked: Outcome<Ack> };
  /** Settles it, once. */
  settle(outcome: Ack | RealtimeError): void;
  /** Gives it up, for its `signal`. */
  cancel(): void;
}

/** A running engine, as the facade sees it. Its methods never throw anything but a RealtimeError. */
export interface Session {
  subscribe(subscriber: Subscriber): void;
  unsubscribe(subscriber: Subscriber): void;
  send(outgoing: Outgoing): void;
  cancel(outgoing: Outgoing): void;
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

/** What stands between a client and its connection. */
export type EngineSlot = Session | 'absent' | 'loading';

/** The calls that can wait for an engine. */
export type Operation = 'subscribe' | 'send' | 'connect' | 'disconnect';

/** What the facade keeps of a client. */
export interface FacadeLedger {
  options: ClientOptions;
  /** The last `setToken`; `undefined` if there was none. */
  token?: string | null;
  engine: EngineSlot;
  /** The last `connect` or `disconnect` that still counts. */
  intent?: 'connect' | 'disconnect' | undefined;
  /** In the order of the calls. */
  subscribers: Set<Subscriber>;
  /** Unsettled sends by number, in the order of the calls. */
  sends: Map<number, Outgoing>;
  /** Calls the engine has not seen, in order: what it is about → the call. */
  log: Map<Subscriber | Outgoing | Operation, Operation>;
  /** What `connect()` gave, until the client is ready or cannot be. */
  waiting: Set<ReturnType<typeof outcome<void>>>;
  emitter: Emitter;
  /** Reports what one of the app's functions threw. */
  report(error: unknown): void;
  /** It stays in the facade: an error of a second copy of the class would not be `instanceof` the first. */
  ErrorClass: typeof RealtimeError;
  /** The JSON of a value that is named in the error; throws `invalid_argument`. */
  serialise(value: unknown, argument: string): string;
  snapshot(): ClientSnapshot;
  /** Takes over what changed and tells the listeners. */
  update(changes: Partial<ClientSnapshot>, reason?: string): void;
  /** Settles a send; one that is settled stays as it is. */
  settle(outgoing: Outgoing, outcome: Ack | RealtimeError): void;
}

/** The part of a client that its session works on. */
export interface Ledger extends FacadeLedger {
  /** The last token that is known, which no error may hold. */
  secret?: string | undefined;
  /** Whom the last token names, if it names anybody. */
  user?: string | undefined;
  /** What was accepted of this client's presence, by channel. */
  tracked: Map<string, Outgoing>;
  makeError(code: ErrorCode, message: string, hint: string, details?: ErrorDetails): RealtimeError;
  emit(event: string, ...values: unknown[]): void;
  /** Whether an event has a listener. */
  listens(event: string): boolean;
  /** Calls one of the app's functions, if there is one; what it throws is reported. */
  call<A extends unknown[]>(
    callback: ((...values: A) => void) | null | undefined,
    ...values: A
  ): void;
}

/** What `import('./session/engine-host.js')` gives. */
export interface CoreModule {
  /**
   * Gives a client its engine, once it is started, and replays what it was asked meanwhile. Rejects if the
   * built-in engine was needed and could not be loaded.
   */
  open(facade: FacadeLedger, inline: () => Promise<unknown>): Promise<void>;
}
