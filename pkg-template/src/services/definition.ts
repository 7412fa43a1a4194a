/** Definitions of services: channels, their rows and their events. */
import type { CollectionOptions, Meta, RowKey } from '../index.js';

/** An id in a channel's name: of an interview, a bill, a user. Not empty. */
export type Id = string | number;

/** The names of a channel's events of changes. Default: `insert`, `update` and `delete`. */
export type EventNames = NonNullable<CollectionOptions<object>['events']>;

/** The rows of one channel: where they are stored, and the options of their collection. */
export interface RowsTable<
  T extends object,
  Ids extends readonly Id[],
  Name extends string,
  Names extends EventNames,
> extends Pick<CollectionOptions<T>, 'conflict' | 'sort' | 'limit'> {
  /** The channel of their changes: its name, or a function that returns it for given ids. */
  channel: Name | ((...ids: Ids) => Name);
  /** The field with a row's key. Default `'id'`. */
  key?: keyof T & string;
  /** The field with a row's version, for servers that check it. */
  version?: keyof T & string;
  /** The names of the channel's events. */
  events?: Names;
  /** Their REST collection, below the base of the app's API. Ids are URL-encoded. */
  path?: string | ((...ids: Ids) => string);
  /** Their table in a database. */
  table?: string;
  /** The columns, with their values, that select the rows of this channel in the table. */
  filter?: (...ids: Ids) => { readonly [column: string]: Id };
  /**
   * The column with the time of a row's creation: with `limit`, the newest rows are loaded. Without `sort` the rows are
   * sorted by it, oldest first.
   */
  order?: keyof T & string;
}

/** A template without its types. */
export type Template = string | ((...ids: Id[]) => string);

/** A row of any kind. */
export type AnyRow = Record<string, unknown>;

/** A table without its types. */
export interface AnyRowsTable
  extends Pick<CollectionOptions<AnyRow>, 'version' | 'conflict' | 'events' | 'limit'> {
  readonly channel: Template;
  readonly path?: Template;
  readonly table?: string;
  readonly filter?: (...ids: Id[]) => { readonly [column: string]: Id };
  readonly order?: string;
  readonly key?: string;
}

declare const types: unique symbol;

/** Carries the types of an entry. */
export interface Typed<Types> {
  readonly [types]?: Types;
}

/** The messages of a channel of rows, by event. */
interface Changes<T extends object> {
  /** A row was inserted. */
  insert: { row: T; mutation?: string };
  /** A row was updated: the whole row, or the fields that changed. */
  update: { row: Partial<T>; mutation?: string };
  /** A row was deleted. */
  delete: { key: RowKey; mutation?: string };
}

/** The changes by the names of a channel's events. */
export type RowEvents<T extends object, Names extends EventNames = {}> = {
  [K in keyof Changes<T> as Names extends Record<K, infer N extends string> ? N : K]: Changes<T>[K];
};

/** An entry for rows, made by {@link rows}. */
export interface Rows<
  T extends object,
  Ids extends readonly Id[],
  Name extends string,
  Names extends EventNames,
> extends AnyRowsTable,
    Typed<{ row: T; ids: Ids; name: Name; events: Names }> {}

/** An entry for a channel of events, presence and typing, made by {@link channel}. */
export interface ChannelEntry<
  E extends object,
  M extends object,
  Ids extends readonly Id[],
  Name extends string,
> extends Typed<{ messages: E; meta: M; ids: Ids; name: Name }> {
  /** The channel's name, or a template of it. */
  readonly channel: Template;
}

/** The definition of a service. Names must be unique across `rows` and `channels`. */
export interface Definition {
  /** Channels with rows. */
  rows?: { readonly [name: string]: AnyRowsTable };
  /** Channels with events, presence and typing. */
  channels?: { readonly [name: string]: Pick<AnyRowsTable, 'channel'> };
}

/**
 * Defines rows of a channel, for {@link defineService}: `rows<Note>()({ channel: (id: Id) => `notes:${id}` })`.
 * It is called twice, so that the row's type is given and all other types are inferred.
 */
export const rows =
  <T extends object>() =>
  <Name extends string, Ids extends readonly Id[] = [], const Names extends EventNames = {}>(
    table: RowsTable<T, Ids, Name, Names>,
  ): Rows<T, Ids, Name, Names> =>
    table as unknown as Rows<T, Ids, Name, Names>;

/**
 * Defines a channel of events, presence and typing, for {@link defineService}, by the types of its messages and of
 * its presence metas, and its name: `channel<{ moved: Point }, Person>()((id: Id) => `room:${id}`)`.
 */
export const channel =
  <E extends object = Record<string, unknown>, M extends object = Meta>() =>
  <Name extends string, Ids extends readonly Id[] = []>(
    name: Name | ((...ids: Ids) => Name),
  ): ChannelEntry<E, M, Ids, Name> => ({ channel: name as Template });
