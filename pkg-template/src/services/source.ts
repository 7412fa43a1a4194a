/** Where rows are loaded from and stored. */
import type { CollectionOptions } from '../index.js';
import type { Id } from './definition.js';

/** What a source is told of the rows of a channel. */
export interface Place {
  /** Their name in the service. */
  readonly name: string;
  /** Their channel. */
  readonly channel: string;
  /** Their REST collection, beneath the base of the app's API, if the service has it there. */
  readonly path: string | undefined;
  /** Their table in a database, if the service has it there. */
  readonly table: string | undefined;
  /** What tells them from the others of the table. */
  readonly filter: { readonly [column: string]: Id };
  /** The column by which they are older and newer. */
  readonly order: string | undefined;
  /** The field they are known by. */
  readonly key: string;
  /**
   * The field that must still have the value a change brings, or the change is a `conflict`. None with
   * `'last-write-wins'`, where changes bring a value of their own.
   */
  readonly version: string | undefined;
  /** How many are kept: the newest. */
  readonly limit: number | undefined;
}

/** What a source adds to the options of a collection. */
export type SourceOptions<T extends object> = Pick<
  CollectionOptions<T>,
  'load' | 'persist' | 'postgresChanges'
>;

/** Says how the rows of a channel are loaded and stored; asked whenever they are opened. */
export type Source = <T extends object>(place: Place) => SourceOptions<T>;

/** Whether changes are stored by a source or sent on the channel. */
export interface StoringOptions {
  /**
   * `false`: changes go over the channel, where they wait for a connection and survive the loss of one.
   * Default `true`: they are stored by the source, and fail without a network.
   */
  persist?: boolean;
}
