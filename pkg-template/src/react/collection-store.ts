/** A store of a collection. */
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

/** The rows of a channel and the functions that change them; the same object until something in it changes. */
export interface CollectionView<T extends object> extends CollectionSnapshot<T> {
  /** Whether the client is ready. */
  readonly isConnected: boolean;
  /** Adds a row; it is shown at once. */
  readonly insert: (row: Draft<T>) => Mutation<T>;
  /** Changes some fields of a row. */
  readonly update: (key: RowKey, patch: Partial<T>) => Mutation<T>;
  /** Removes a row. */
  readonly remove: (key: RowKey) => Mutation<T>;
  /** Loads the rows again; the current rows are kept until that is done. */
  readonly reload: () => void;
}

interface Page {
  [ROWS]?: (client: ClientSnapshot, channel: ChannelName, options?: object) => object | undefined;
}

/** A store with a collection, which is open while the store has listeners or unsettled changes. */
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
    // Rows that are kept after their release, or are open in another component, are shown from the first render on.
    this.show((globalThis as Page)[ROWS]?.(client.getSnapshot(), channel, options) as object);
  }

  protected open(): void {
    const client = this.#client;
    const channel = this.#channel;
    if (!channel) return;
    attempt(
      () => {
        // With `onError` the error counts as handled: the component gets it in the snapshot.
        const collection = client.collection<T>(channel, { onError() {}, ...this.#options });
        this.#collection = collection;
        const show = (): void =>
          this.show({ ...collection.getSnapshot(), isConnected: client.isReady() });
        collection.on('change', show);
        this.#stopWatching = client.on('state', show);
        show();
      },
      (error) => {
        this.show({ error, isLoading: false });
        this.#options?.onError?.(error);
      },
    );
  }

  protected close(): void {
    this.#stopWatching?.();
    // The reference is kept, so that a later change rejects its own promise.
    this.#collection?.release();
  }

  /** Keeps the collection open for changes made just before the component was unmounted. */
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
    // Not by its own `then`, which would mark the promise as handled by the component.
    Promise.prototype.then.call(mutation.promise, settled, settled);
    return mutation;
  }

  #opened(): Collection<T> {
    // Effects of child components run before the effect that opens it.
    if (!this.#collection) this.subscribe(() => {})();
    if (this.#collection) return this.#collection;
    throw (
      this.getSnapshot().error ??
      new RealtimeError('invalid_argument', 'No collection.', 'Name a channel.')
    );
  }
}
