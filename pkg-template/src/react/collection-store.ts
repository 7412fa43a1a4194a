/** A collection as a component sees it. */
import {
  type ClientSnapshot,
  type Collection,
  type CollectionOptions,
  type CollectionSnapshot,
  type Draft,
  type Mutation,
  type RealtimeClient,
  RealtimeError,
  type RowKey,
} from '../index.js';
import type { ChannelName } from './channel-options.js';
import { attempt } from './errors.js';
import { Store } from './store.js';
import { ROWS } from './use-options.js';

/** The rows of a channel and the ways to change them; the same object until something in it changed. */
export interface CollectionView<T extends object> extends CollectionSnapshot<T> {
  /** Whether messages flow. */
  readonly isConnected: boolean;
  /** Adds a row; it shows at once. */
  readonly insert: (row: Draft<T>) => Mutation<T>;
  /** Changes some fields of a row. */
  readonly update: (key: RowKey, patch: Partial<T>) => Mutation<T>;
  /** Removes a row. */
  readonly remove: (key: RowKey) => Mutation<T>;
  /** Loads anew; what is shown stays until the rows are in. */
  readonly reload: () => void;
}

interface Page {
  [ROWS]?: (client: ClientSnapshot, channel: ChannelName, options?: object) => object | undefined;
}

/** Holds a collection while somebody listens, and until what was changed is settled. */
export class CollectionStore<T extends object> extends Store<CollectionView<T>> {
  readonly #client: RealtimeClient;
  readonly #channel: ChannelName;
  readonly #options: CollectionOptions<T> | undefined;
  #collection: Collection<T> | undefined;
  #stopWatching: (() => void) | undefined;
  #unsettled = 0;
  protected readonly initial: CollectionView<T>;

  constructor(
    client: RealtimeClient,
    channel: ChannelName,
    options: CollectionOptions<T> | undefined,
  ) {
    super();
    this.#client = client;
    this.#channel = channel;
    this.#options = options;
    this.initial = {
      items: [],
      isLoading: !!channel,
      isConnected: false,
      error: null,
      pending: [],
      continuity: 'fresh',
      insert: (row) => this.#change((rows) => rows.insert(row)),
      update: (key, patch) => this.#change((rows) => rows.update(key, patch)),
      remove: (key) => this.#change((rows) => rows.remove(key)),
      reload: () => this.#collection?.reload(),
    };
    // What lingers, or another component has open, is shown from the first render on.
    this.show((globalThis as Page)[ROWS]?.(client.getSnapshot(), channel, options) as object);
  }

  protected open(): void {
    const client = this.#client;
    const channel = this.#channel;
    if (!channel) return;
    attempt(
      () => {
        // A component that is shown the error listens.
        const collection = client.collection<T>(channel, { onError() {}, ...this.#options });
        this.#collection = collection;
        const show = (): void =>
          this.show({ ...collection.getSnapshot(), isConnected: client.isReady() });
        collection.on('change', show);
        this.#stopWatching = client.on('state', show);
        show();
      },
      (error) => {
        this.#options?.onError?.(error);
        this.show({ error, isLoading: false });
      },
    );
  }

  protected close(): void {
    this.#stopWatching?.();
    // It is kept: a change that comes too late fails by its own promise.
    this.#collection?.release();
  }

  /** What was changed just before the component went is not given up. */
  protected override isBusy(): boolean {
    return this.#unsettled > 0;
  }

  #change(make: (collection: Collection<T>) => Mutation<T>): Mutation<T> {
    const mutation = make(this.#opened());
    const settled = (): void => {
      this.#unsettled -= 1;
      this.leave();
    };
    this.#unsettled += 1;
    // Not by its own `then`: whether the component waits for the outcome is still open.
    Promise.prototype.then.call(mutation.promise, settled, settled);
    return mutation;
  }

  #opened(): Collection<T> {
    // The effects of components further down come before those that open it.
    if (!this.#collection) this.subscribe(() => {})();
    if (this.#collection) return this.#collection;
    throw (
      this.getSnapshot().error ??
      new RealtimeError('invalid_argument', 'No collection.', 'Name a channel.')
    );
  }
}
