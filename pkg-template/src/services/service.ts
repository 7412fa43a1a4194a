/** The types of services: functions that open channels and collections, and the map of their channels. */
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

/** A channel and the options of its collection: the argument of `useCollection` of tidewire/react, and the two arguments of `client.collection`. */
export interface CollectionPlace<T extends object, Name extends string = string> {
  /** The channel's name. */
  readonly channel: Name;
  /** The options of its collection, including the source's `load` and `persist`. */
  readonly options: CollectionOptions<T>;
}

/** Opens the rows of a channel. */
export interface RowsOf<T extends object, Ids extends readonly Id[], Name extends string> {
  /**
   * Opens a collection, which the caller must release.
   *
   * @throws like `client.collection`; RealtimeError `invalid_argument` if an id is empty
   */
  (...ids: Ids): Collection<T>;
  /**
   * Returns the channel and the options without opening anything.
   *
   * @throws RealtimeError `invalid_argument` if an id is empty
   */
  at(...ids: Ids): CollectionPlace<T, Name>;
}

/** The presence of a channel, with the type of its metas. */
export interface PresenceOf<M extends object>
  extends Omit<Presence, 'state' | 'track' | 'update' | 'on'> {
  /** The metas by key, several for a member with several tabs; a new map with each change. */
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
  /** The presence of the channel. */
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
   * Opens a handle, which the caller must release.
   *
   * @throws like `client.channel`; RealtimeError `invalid_argument` if an id is empty
   */
  (...ids: Ids): Room<E, M>;
  /**
   * Returns the channel's name, for hooks, without opening anything.
   *
   * @throws RealtimeError `invalid_argument` if an id is empty
   */
  at(...ids: Ids): Name;
}

/** A service: a function for each entry of its definition. */
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

/** The methods of a client that a service uses; a client with any type of channels has them. */
export interface ServiceClient {
  /** Like {@link RealtimeClient.collection}. */
  collection<T extends object>(channel: string, options?: CollectionOptions<T>): Collection<T>;
  /** Like {@link RealtimeClient.channel}. */
  channel(name: string): Channel;
}

/** The client of a service, and the source of its rows. */
export interface ServiceOptions {
  /** The client. Default: `realtimeClient`. */
  client?: ServiceClient;
  /** Loads and stores rows. Default: none; rows are received and sent on their channels. */
  source?: Source;
}

/** Creates services from one definition. */
export interface ServiceFactory<D extends Definition> extends Typed<D> {
  /** Creates a service on a client, with the rows of a source. Nothing is opened. */
  (options?: ServiceOptions): Service<D>;
}

/** The map of channels of an entry. */
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
 * The types of the channels of one service or several, for `createRealtimeClient` and `createHooks`:
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
