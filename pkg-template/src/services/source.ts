/** Sources, which load and store rows. */
import type { CollectionOptions } from '../index.js';
import type { Id } from './definition.js';

/** The rows of a channel, as they are described to a source. */
export interface Place {
  /** Their name in the service. */
  readonly name: string;
  /** Their channel. */
  readonly channel: string;
  /** Their REST collection, below the base of the app's API, if the service defines it. */
  readonly path: string | undefined;
  /** Their table in a database, if the service defines it. */
  readonly table: string | undefined;
  /** The columns, with their values, that select them in the table. */
  readonly filter: { readonly [column: string]: Id };
  /** The column with the time of their creation. */
  readonly order: string | undefined;
  /** The field with their key. */
  readonly key: string;
  /**
   * The field whose value in a change must equal the stored one, or the change is a `conflict`. `undefined` with
   * `'last-write-wins'`, where changes set a value of their own.
   */
  readonly version: string | undefined;
  /** The maximum number of rows, the newest ones. */
  readonly limit: number | undefined;
}

/** The options of a collection that a source adds. */
export type SourceOptions<T extends object> = Pick<
  CollectionOptions<T>,
  'load' | 'persist' | 'postgresChanges'
>;

/** A source: returns the functions that load and store the rows of a channel. */
export type Source = <T extends object>(place: Place) => SourceOptions<T>;

/** Whether changes are stored by a source or sent on the channel. */
export interface StoringOptions {
  /**
   * `false`: changes are sent on the channel, where they are queued while there is no connection.
   * Default `true`: they are stored by the source, and fail without a network.
   */
  persist?: boolean;
}
