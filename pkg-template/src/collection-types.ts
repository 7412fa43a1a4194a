/** The public types of collections: rows of a channel, changed here before the server has said yes. */
import type { ChannelOptions, Continuity, Unsubscribe } from './common-types.js';
import type { RealtimeError } from './errors.js';

/** What a row is known by: a string that is not empty, or a safe integer, which is the same key as its decimal text. */
export type RowKey = string | number;

/** A row to insert. The server may make its `id`. */
export type Draft<T> = Omit<T, 'id'> & Partial<T>;

/** A place in the stream of a channel. */
export interface Position {
  /** What `seq` counts within. */
  epoch: string;
  /** The last message that is accounted for. */
  seq: number;
}

/** The stored rows; with the position they are of, no change is applied twice or missed. */
export type Loaded<T> = readonly T[] | { rows: readonly T[]; position?: Position | undefined };

/** One change to be stored. The key of an insert is temporary if the server is to make it. */
export type Change<T> =
  | { kind: 'insert'; key: string; row: Draft<T> }
  | { kind: 'update'; key: string; row: Partial<T> }
  | { kind: 'delete'; key: string };

/** What shows, and is sent again, where the server changed a field that a pending change touches. */
export type Conflict<T> =
  /** The server's value. */
  | 'server-wins'
  /** The whole row as it was edited here. */
  | 'client-wins'
  /** Whichever has the greater `version`. */
  | 'last-write-wins'
  /** Field by field: the pending ones are the client's, all others the server's. */
  | 'merge'
  /** What this returns, of the row as edited here, the server's, and what both came from. */
  | ((local: T, remote: T, base: T | undefined) => T);

/** How a collection is loaded, stored and shown. It takes the options of its channel as well. */
export interface CollectionOptions<T extends object> extends ChannelOptions {
  /**
   * What a row is known by: a field, or a function of the row that gives the same key for the same row
   * always. If it gives `undefined` for a row to insert, the server makes the key. Default `'id'`.
   */
  key?: (keyof T & string) | ((row: T) => RowKey | undefined);
  /**
   * Gets the stored rows: at first, after messages were lost, and at `reload()`. The row objects are the
   * collection's from then on. They hold what JSON can carry, and what has a `toJSON`, such as dates; a row that
   * holds anything else or has no key is a failure. It is asked again with backoff if it fails. Default: none;
   * the collection begins empty and grows by what it hears.
   */
  load?: () => Loaded<T> | PromiseLike<Loaded<T>>;
  /**
   * Stores a change by other means than the channel, such as an HTTP request. Hand `mutation` to the
   * server (by convention as `Idempotency-Key`), so that it can name it in what it publishes, and give
   * the stored row if the server answers with it. A message that names no mutation is recognised by what
   * it says: one that equals what a change of this client made of the row is that change. A rejection takes
   * the change back; one with the `code` `'conflict'`, or the HTTP `status` 409, is settled by
   * {@link conflict}. Default: changes are sent on the channel.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one of these.
  persist?: (change: Change<T>, context: { mutation: string }) => PromiseLike<T | undefined | void>;
  /** The events that tell of changes. Default: `insert`, `update` and `delete`. */
  events?: { insert?: string; update?: string; delete?: string };
  /** What shows where the server changed the same field. Default `'server-wins'`. */
  conflict?: Conflict<T>;
  /** The field with a row's version, for `'last-write-wins'` and for servers that check it. */
  version?: keyof T & string;
  /**
   * The order of `items`. Default, and among rows that compare as equal: by key, the same in every tab.
   * Whole numbers come first, by their value (`9` before `10`, also as strings), then other keys by their code
   * points, then rows that have no key yet, in the order in which they were inserted.
   */
  sort?: (a: T, b: T) => number;
  /** Rows to keep: beyond, those go that were loaded or came first. Default: all. */
  limit?: number;
}

/** A change that is shown and not yet settled. */
export interface PendingChange {
  /** The mutation's id. */
  readonly id: string;
  /** The row's key. */
  readonly key: string;
  /** What it does. */
  readonly kind: Change<unknown>['kind'];
}

/** How far a mutation has come. `sent` is the end where the server cannot confirm. */
export type MutationStatus = 'pending' | 'sent' | 'confirmed' | 'failed';

/** How a mutation ended. */
export interface Stored<T> {
  /** Whether the server said so; `false`: it cannot, and the change was handed to an open socket. */
  readonly confirmed: boolean;
  /** The stored row, if the server gave it. */
  readonly row?: T;
}

/** A change that was made here. */
export interface Mutation<T> {
  /**
   * Its id: the same on the wire, for `persist`, and in what the server publishes. Sent again after a
   * conflict it has one more of its own, which begins with this one and `~`.
   */
  readonly id: string;
  /** How far it has come. */
  readonly status: MutationStatus;
  /**
   * Settled once: when the change is stored, or with the reason why it was taken back. Nobody needs to
   * observe it.
   */
  readonly promise: Promise<Stored<T>>;
}

/** What a view needs of a collection. The object stays the same until something in it changed. */
export interface CollectionSnapshot<T> {
  /** The rows with the pending changes on them; the same array until one of them changed. */
  readonly items: readonly T[];
  /** Whether the stored rows are still to come. After a gap the rows of before are shown meanwhile. */
  readonly isLoading: boolean;
  /** Why loading, or the channel, failed; `null` once it is well again. */
  readonly error: RealtimeError | null;
  /** The changes that are shown and not settled, in the order they were made. */
  readonly pending: readonly PendingChange[];
  /** Whether the channel missed something. */
  readonly continuity: Continuity;
}

/**
 * The rows of one channel. Changes show at once, and what shows is the server's once nothing is pending.
 * It counts as a subscriber of the channel until it is released.
 */
export interface Collection<T extends object> extends CollectionSnapshot<T> {
  /** The channel's name. */
  readonly channel: string;
  /** The row with this key. */
  get(key: RowKey): T | undefined;
  /** Whether a change of this row is not settled. */
  isPending(key: RowKey): boolean;
  /** All that views need, the same object until something in it changed. */
  getSnapshot(): CollectionSnapshot<T>;
  /** Told of each new snapshot. */
  on(event: 'change', listener: (snapshot: CollectionSnapshot<T>) => void): Unsubscribe;
  /**
   * Adds a row. Without a key (its field is not there, or `undefined`) it has a temporary one until the
   * server has made its own.
   *
   * @throws RealtimeError `invalid_argument` if it is no JSON object or its key is none, `destroyed`
   */
  insert(row: Draft<T>): Mutation<T>;
  /**
   * Changes some fields of a row. `null` empties a field; `undefined` is refused.
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
  /** Loads anew; what is shown stays until the rows are in. */
  reload(): void;
  /**
   * Gives the collection back. Unless another one with the same options has it open too, what is pending fails
   * with `aborted`, and after `lingerMs` the rows are forgotten. Calling it again does nothing.
   */
  release(): void;
}
