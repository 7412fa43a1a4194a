/** A service as data: channels, their rows and their events. */
import type { CollectionOptions, Meta, RowKey } from '../index.js';

/** What stands in a channel's name: of an interview, a bill, a user. Not empty. */
export type Id = string | number;

/** The names under which a channel tells of changes. Default: `insert`, `update` and `delete`. */
export type EventNames = NonNullable<CollectionOptions<object>['events']>;

/** The rows of one channel: where they are, and how a collection of them behaves. */
export interface RowsTable<
  T extends object,
  Ids extends readonly Id[],
  Name extends string,
  Names extends EventNames,
> extends Pick<CollectionOptions<T>, 'conflict' | 'sort' | 'limit'> {
  /** The channel that tells of them: its name, or a template of it. */
  channel: Name | ((...ids: Ids) => Name);
  /** The field a row is known by. Default `'id'`. */
  key?: keyof T & string;
  /** The field with a row's version, for servers that check it. */
  version?: keyof T & string;
  /** What changes are called on the channel. */
  events?: Names;
  /** Their REST collection, beneath the base of the app's API. Its ids are encoded for addresses. */
  path?: string | ((...ids: Ids) => string);
  /** Their table in a database. */
  table?: string;
  /** The columns that tell the rows of this channel from the others of the table. */
  filter?: (...ids: Ids) => { readonly [column: string]: Id };
  /**
   * The column by which rows are older and newer: with `limit`, a database is asked for the newest. Without `sort` the rows
   * are shown by it, the oldest first.
   */
  order?: keyof T & string;
}

/** A template without its types. */
export type Template = string | ((...ids: Id[]) => string);

/** A row of any kind. */
export type AnyRow = Record<string, unknown>;

/** A table without its types, as it is read. */
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

/** What the types remember of an entry. */
export interface Typed<Types> {
  readonly [types]?: Types;
}

/** What a channel of rows brings, by event. */
interface Changes<T extends object> {
  /** A row came. */
  insert: { row: T; mutation?: string };
  /** A row changed; what came is the whole row or the fields that changed. */
  update: { row: Partial<T>; mutation?: string };
  /** A row went. */
  delete: { key: RowKey; mutation?: string };
}

/** The changes under the names they have on a channel. */
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

/** A service as data. No two members have one name. */
export interface Definition {
  /** Channels with rows. */
  rows?: { readonly [name: string]: AnyRowsTable };
  /** Channels with events, presence and typing. */
  channels?: { readonly [name: string]: Pick<AnyRowsTable, 'channel'> };
}

/**
 * Rows of a channel, for {@link defineService}: `rows<Note>()({ channel: (of: Id) => `notes:${of}` })`.
 * Called twice, because the row's type is told and all others are found.
 */
export const rows =
  <T extends object>() =>
  <Name extends string, Ids extends readonly Id[] = [], const Names extends EventNames = {}>(
    table: RowsTable<T, Ids, Name, Names>,
  ): Rows<T, Ids, Name, Names> =>
    table as unknown as Rows<T, Ids, Name, Names>;

/**
 * A channel of events, presence and typing, for {@link defineService}: its messages by event, what people
 * say of themselves there, then its name: `channel<{ moved: Point }, Person>()((of: Id) => `room:${of}`)`.
 */
export const channel =
  <E extends object = Record<string, unknown>, M extends object = Meta>() =>
  <Name extends string, Ids extends readonly Id[] = []>(
    name: Name | ((...ids: Ids) => Name),
  ): ChannelEntry<E, M, Ids, Name> => ({ channel: name as Template });
