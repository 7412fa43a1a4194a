/** The public types of collections: rows of a channel, with optimistic changes. */
import type { ChannelOptions, Continuity, Unsubscribe } from './common-types.js';
import type { RealtimeError } from './errors.js';
import type { ChangeKind, ConflictPolicy } from './generated/types.js';

/** A row's key: a non-empty string, or a safe integer, which is the same key as its decimal text. */
export type RowKey = string | number;

/** A row to insert. The server may assign its `id`. */
export type Draft<T> = Omit<T, 'id'> & Partial<T>;

/** A position in the stream of a channel. */
export interface Position {
  /** The epoch of `seq`: positions of different epochs cannot be compared. */
  epoch: string;
  /** The position of the last message that the rows include. */
  seq: number;
}

/** The stored rows; with their position, no change is applied twice or missed. */
export type Loaded<T> = readonly T[] | { rows: readonly T[]; position?: Position | undefined };

/** One change to be stored. The key of an insert is temporary if the server assigns it. */
export type Change<T> =
  | { kind: 'insert'; key: string; row: Draft<T> }
  | { kind: 'update'; key: string; row: Partial<T> }
  | { kind: 'delete'; key: string };

/**
 * How a conflict is resolved: the value that is shown, and sent again, where the server changed a field of a pending change.
 * A function returns it for the local row, the server's, and their common base.
 */
export type Conflict<T> = ConflictPolicy | ((local: T, remote: T, base: T | undefined) => T);

/** How a collection is loaded, stored and sorted, and the options of its channel. */
export interface CollectionOptions<T extends object> extends ChannelOptions {
  /**
   * A row's key: a field, or a function of the row that always returns the same key for the same row.
   * If it returns `undefined` for a row to insert, the server assigns the key. Default `'id'`.
   */
  key?: (keyof T & string) | ((row: T) => RowKey | undefined);
  /**
   * Loads the stored rows: at first, after messages were lost, and at `reload()`. The row objects belong to the
   * collection from then on. They may contain values that JSON can represent, or that have a `toJSON`, such as dates; a row with
   * any other value or without a key is a failure. It is called again with backoff if it fails. Default: none;
   * the collection starts empty and grows by the messages it receives.
   */
  load?: () => Loaded<T> | PromiseLike<Loaded<T>>;
  /**
   * Stores a change by other means than the channel, such as an HTTP request. Pass `mutation` to the
   * server (by convention as the header `Idempotency-Key`), so that it can include it in the message that it publishes,
   * and return the stored row if the server's response contains it. A message without a mutation is recognised by its
   * content: if it equals the row as changed by this client, it counts as that change. A rejection rolls
   * the change back; one with the `code` `'conflict'`, or the HTTP `status` 409, is resolved by
   * {@link conflict}. Default: changes are sent on the channel.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one of these.
  persist?: (change: Change<T>, context: { mutation: string }) => PromiseLike<T | undefined | void>;
  /** The names of the events that carry changes. Default: `insert`, `update` and `delete`. */
  events?: { insert?: string; update?: string; delete?: string };
  /** How a change of the same field by the server is resolved. Default `'server-wins'`. */
  conflict?: Conflict<T>;
  /** The field with a row's version, for `'last-write-wins'` and for servers that check it. */
  version?: keyof T & string;
  /**
   * The order of `items`. Default, and among rows that compare as equal: by key, the same in every tab.
   * Whole numbers come first, by their value (`9` before `10`, also as strings), then other keys by their code
   * points, then rows that have no key yet, in the order in which they were inserted.
   */
  sort?: (a: T, b: T) => number;
  /** The maximum number of rows; beyond it, the rows that were loaded or received first are dropped. Default: none. */
  limit?: number;
}

/** An optimistic change that is not settled. */
export interface PendingChange {
  /** The mutation's id. */
  readonly id: string;
  /** The row's key. */
  readonly key: string;
  /** What it does. */
  readonly kind: ChangeKind;
}

/** A mutation's status. `sent` is final where the server cannot confirm. */
export type MutationStatus = 'pending' | 'sent' | 'confirmed' | 'failed';

/** The outcome of a mutation. */
export interface Stored<T> {
  /** Whether the server confirmed it; `false`: it cannot, and the change was written to an open socket. */
  readonly confirmed: boolean;
  /** The stored row, if the server returned it. */
  readonly row?: T;
}

/** A local change. */
export interface Mutation<T> {
  /**
   * Its id: the same on the wire, for `persist`, and in the message that the server publishes. When it is sent again
   * after a conflict it has one more id, which begins with this one and `~`.
   */
  readonly id: string;
  /** Its status. */
  readonly status: MutationStatus;
  /**
   * Settled once: when the change is stored, or with the reason why it was rolled back. It may be left
   * unhandled.
   */
  readonly promise: Promise<Stored<T>>;
}

/** A collection's state for views. The object stays the same until something in it changes. */
export interface CollectionSnapshot<T> {
  /** The rows with the pending changes applied; the same array until one of them changes. */
  readonly items: readonly T[];
  /** Whether the stored rows are being loaded. After a gap the previous rows are shown meanwhile. */
  readonly isLoading: boolean;
  /** Why loading, or the channel, failed; `null` once it has recovered. */
  readonly error: RealtimeError | null;
  /** The changes that are not settled, in the order of the calls. */
  readonly pending: readonly PendingChange[];
  /** Whether the channel missed messages. */
  readonly continuity: Continuity;
}

/**
 * The rows of one channel. Changes are applied at once; once nothing is pending, the rows are the server's.
 * It counts as a subscriber of the channel until it is released.
 */
export interface Collection<T extends object> extends CollectionSnapshot<T> {
  /** The channel's name. */
  readonly channel: string;
  /** The row with this key. */
  get(key: RowKey): T | undefined;
  /** Whether a change of this row is pending. */
  isPending(key: RowKey): boolean;
  /** The state for views: the same object until something in it changes. */
  getSnapshot(): CollectionSnapshot<T>;
  /** Listens to new snapshots. */
  on(event: 'change', listener: (snapshot: CollectionSnapshot<T>) => void): Unsubscribe;
  /**
   * Adds a row. Without a key (the field is missing, or `undefined`) it has a temporary one until the
   * server has assigned its own.
   *
   * @throws RealtimeError `invalid_argument` if it is not a JSON object or its key is invalid, `destroyed`
   */
  insert(row: Draft<T>): Mutation<T>;
  /**
   * Changes some fields of a row. `null` empties a field; `undefined` is an error.
   *
   * @throws RealtimeError `invalid_argument`, `destroyed`
   */
  update(key: RowKey, patch: Partial<T>): Mutation<T>;
  /**
   * Removes a row.
   *
   * @throws RealtimeError `invalid_argument`, `destroyed`
   */
  remove(key: RowKey): Mutation<T>;
  /** Loads the rows again; the current rows are kept until that is done. */
  reload(): void;
  /**
   * Releases the collection. Unless another one with the same options is open, pending changes fail
   * with `aborted`, and after `lingerMs` the rows are dropped. Calling it again does nothing.
   */
  release(): void;
}
