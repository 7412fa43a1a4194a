/** The sources of a component's rows. */
import type { CollectionOptions, PendingChange, RealtimeError } from '../index.js';
import { type ChannelName, type CollectionView, useCollection } from '../react/index.js';

/**
 * Rows of a channel, of a collection that the app has open, or the app's own. Give one of `channel`,
 * `collection` and `items`.
 */
export interface RowSource<T extends object> {
  /** The channel whose rows are shown. */
  channel?: ChannelName;
  /** Loads the stored rows. Default: none; the list starts empty and grows by the messages it receives. */
  load?: CollectionOptions<T>['load'];
  /** Stores a change by other means than the channel. */
  persist?: CollectionOptions<T>['persist'];
  /** Further options of the collection. */
  options?: CollectionOptions<T>;
  /** The result of the app's own `useCollection`, instead of a channel. */
  collection?: CollectionView<T>;
  /** Rows from another source, instead of a channel. */
  items?: readonly T[];
}

/** The rows of a component. */
export interface RowsState<T extends object> {
  readonly items: readonly T[];
  readonly isLoading: boolean;
  readonly error: RealtimeError | null;
  /** The changes that are not settled. */
  readonly pending: readonly PendingChange[];
  /** The functions that change them; `undefined` for `items`. */
  readonly change: Pick<CollectionView<T>, 'insert' | 'update' | 'remove'> | undefined;
}

/** Splits a component's props into the source of its rows and the others. */
export function splitSource<T extends object, P extends RowSource<T>>(
  props: P,
): [source: RowSource<T>, others: Omit<P, keyof RowSource<T>>] {
  const { channel, load, persist, options, collection, items, ...others } = props;
  const source = { channel, load, persist, options, collection, items };
  return [source as RowSource<T>, others];
}

/** Returns the rows of a source; `defaults` are overridden by its options. */
export function useRows<T extends object>(
  { channel, load, persist, options, collection, items }: RowSource<T>,
  defaults?: Pick<CollectionOptions<T>, 'sort'>,
): RowsState<T> {
  const own = useCollection<T>(collection || items ? null : channel, {
    ...defaults,
    ...options,
    ...(load && { load }),
    ...(persist && { persist }),
  });
  if (items) return { items, isLoading: false, error: null, pending: [], change: undefined };
  const view = collection ?? own;
  const { isLoading, error, pending } = view;
  return { items: view.items, isLoading, error, pending, change: view };
}
