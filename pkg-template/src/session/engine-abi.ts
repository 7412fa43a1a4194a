/**
 * The shapes of the objects that cross the boundary to the engine and back.
 *
 * The engine's methods, the numbers and the names are in `../generated`, made from Rust by `cargo xtask abi`.
 */

/** A change of one key's presence. `sync`, without a key, precedes the changes that a new state contains. */
export interface PresenceReport {
  /** A `PresenceKind`. */
  kind: number;
  key: string;
  /** All metas of the key now. */
  metas: object[];
  /** The metas that joined, left or were updated. */
  changed: object[];
}

/** The options of a collection that the engine uses. */
export interface EngineCollectionOptions {
  /** The key's field; `undefined`: the engine requests each key. */
  key?: string | undefined;
  loads: boolean;
  persists: boolean;
  /** Names of inserts, updates and removals. */
  events: string[];
  /** A `ConflictNumber`; with `Function` the engine requests each resolution. */
  conflict: number;
  version?: string | undefined;
  limit?: number | undefined;
  /** The identities of the app's functions, as numbers. */
  functions: number[];
}

/** An error of the engine; the facade makes a `RealtimeError` of it. */
export interface EngineError {
  code: string;
  message: string;
  hint: string;
  retryable: boolean;
  channel?: string;
  cause?: unknown;
}

/**
 * Called by the engine with its reports, never while it is borrowed: calling back into it is allowed. Returns the listener
 * that `Kind.MessageListener` requests.
 */
// biome-ignore-start lint/suspicious/noExplicitAny: the arguments depend on the kind; see Kind.
export type Sink = (
  kind: number,
  subject: number,
  a?: any,
  b?: any,
  c?: any,
  d?: any,
  e?: any,
  f?: any,
) => ((event: { data: unknown }) => void) | undefined;
// biome-ignore-end lint/suspicious/noExplicitAny: to here.
