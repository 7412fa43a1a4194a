/** What a definition becomes: functions that open channels and collections, and the map of its channels. */
import type {
  Channel,
  Collection,
  CollectionOptions,
  Events,
  Presence,
  Unsubscribe,
} from '../index.js';
import type { ChannelEntry, Definition, Id, RowEvents, Rows, Typed } from './definition.js';
import type { Source } from './source.js';

/** Where rows are: what `useCollection` of tidewire/react takes, and `client.collection` in two parts. */
export interface CollectionPlace<T extends object, Name extends string = string> {
  /** The channel's name. */
  readonly channel: Name;
  /** How its collection behaves, the source's `load` and `persist` among it. */
  readonly options: CollectionOptions<T>;
}

/** Opens the rows of a channel. */
export interface RowsOf<T extends object, Ids extends readonly Id[], Name extends string> {
  /**
   * Opens a collection, to be released by whoever opened it.
   *
   * @throws like `client.collection`; RealtimeError `invalid_argument` if an id is empty
   */
  (...ids: Ids): Collection<T>;
  /**
   * The same as data; nothing is opened.
   *
   * @throws RealtimeError `invalid_argument` if an id is empty
   */
  at(...ids: Ids): CollectionPlace<T, Name>;
}

/** Who is present, with what they say of themselves. */
export interface PresenceOf<M extends object>
  extends Omit<Presence, 'state' | 'track' | 'update' | 'on'> {
  /** What is said by key, several times for one in several tabs; a new map with each change. */
  readonly state: ReadonlyMap<string, readonly M[]>;
  /** Like {@link Presence.track}. */
  track(meta: M, options?: { key?: string }): ReturnType<Presence['track']>;
  /** Like {@link Presence.update}. */
  update(meta: M): ReturnType<Presence['update']>;
  /** Like {@link Presence.on}. */
  on(event: 'sync', listener: () => void): Unsubscribe;
  on(
    event: 'join' | 'update' | 'leave',
    listener: (key: string, metas: readonly M[], changed: readonly M[]) => void,
  ): Unsubscribe;
}

/** A handle to a channel, with the types of its presence. */
export interface Room<E extends object, M extends object>
  extends Omit<Channel<E[keyof E], E>, 'presence'> {
  /** Who is present. */
  readonly presence: PresenceOf<M>;
}

/** Opens a channel. */
export interface ChannelOf<
  E extends object,
  M extends object,
  Ids extends readonly Id[],
  Name extends string,
> {
  /**
   * Opens a handle, to be released by whoever opened it.
   *
   * @throws like `client.channel`; RealtimeError `invalid_argument` if an id is empty
   */
  (...ids: Ids): Room<E, M>;
  /**
   * The channel's name, for hooks; nothing is opened.
   *
   * @throws RealtimeError `invalid_argument` if an id is empty
   */
  at(...ids: Ids): Name;
}

/** What a definition gives: a function for each of its entries. */
export type Service<D extends Definition> = {
  readonly [K in keyof D['rows']]: D['rows'][K] extends Rows<
    infer T,
    infer Ids,
    infer Name,
    infer _
  >
    ? RowsOf<T, Ids, Name>
    : never;
} & {
  readonly [K in keyof D['channels']]: D['channels'][K] extends ChannelEntry<
    infer E,
    infer M,
    infer Ids,
    infer Name
  >
    ? ChannelOf<E, M, Ids, Name>
    : never;
};

/** What a service needs of a client; a client with a map of its own has it too. */
export interface ServiceClient {
  /** Like {@link RealtimeClient.collection}. */
  collection<T extends object>(channel: string, options?: CollectionOptions<T>): Collection<T>;
  /** Like {@link RealtimeClient.channel}. */
  channel(name: string): Channel;
}

/** Who carries a service, and where its rows are. */
export interface ServiceOptions {
  /** Default: `realtimeClient`. */
  client?: ServiceClient;
  /** Where rows are loaded from and stored. Default none: all goes over their channels. */
  source?: Source;
}

/** Makes services of one definition. */
export interface ServiceFactory<D extends Definition> extends Typed<D> {
  /** Carried by a client of its own, its rows from a source. Nothing is opened. */
  (options?: ServiceOptions): Service<D>;
}

/** The messages of entries, as parts of a map of channels. */
type RowChannels<Entry> =
  Entry extends Rows<infer T, infer _Ids, infer Name, infer Names>
    ? { [C in Name]: Events<RowEvents<T, Names>> }
    : never;
type EventChannels<Entry> =
  Entry extends ChannelEntry<infer E, infer _M, infer _Ids, infer Name>
    ? { [C in Name]: Events<E> }
    : never;

type Members<T> = T[keyof T];
type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/**
 * The channels of one service or several, as `createRealtimeClient` and `createHooks` take them:
 *
 * ```ts
 * const { useRealtimeChannel } = createHooks<ChannelsOf<typeof bills | typeof bids>>();
 * ```
 */
export type ChannelsOf<S> = Intersection<
  S extends Typed<infer D extends Definition>
    ? RowChannels<Members<D['rows']>> | EventChannels<Members<D['channels']>>
    : never
>;
