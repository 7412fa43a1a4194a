/** Where a component's rows come from. */
import type { CollectionOptions, PendingChange, RealtimeError } from '../index.js';
import { type ChannelName, type CollectionView, useCollection } from '../react/index.js';

/**
 * Rows of a channel, of a collection that the app has open, or the app's own. Give one of `channel`,
 * `collection` and `items`.
 */
export interface RowSource<T extends object> {
  /** The channel whose rows are shown. */
  channel?: ChannelName;
  /** Gets the stored rows. Default: none; it begins empty and grows by what it hears. */
  load?: CollectionOptions<T>['load'];
  /** Stores a change by other means than the channel. */
  persist?: CollectionOptions<T>['persist'];
  /** Further options of the collection. */
  options?: CollectionOptions<T>;
  /** What `useCollection` gave the app, instead of a channel. */
  collection?: CollectionView<T>;
  /** Rows from anywhere, instead of a channel. */
  items?: readonly T[];
}

/** Rows as a component sees them. */
export interface Rows<T extends object> {
  readonly items: readonly T[];
  readonly isLoading: boolean;
  readonly error: RealtimeError | null;
  /** The changes that are not settled. */
  readonly pending: readonly PendingChange[];
  /** Changes them; there is none for the app's own rows. */
  readonly change: Pick<CollectionView<T>, 'insert' | 'update' | 'remove'> | undefined;
}

/** What of a component's props says where its rows come from. */
export function splitSource<T extends object, P extends RowSource<T>>(
  props: P,
): [source: RowSource<T>, others: Omit<P, keyof RowSource<T>>] {
  const { channel, load, persist, options, collection, items, ...others } = props;
  const source = { channel, load, persist, options, collection, items };
  return [source as RowSource<T>, others];
}

/** The rows of whatever was given; what the given options do not say, `defaults` do. */
export function useRows<T extends object>(
  { channel, load, persist, options, collection, items }: RowSource<T>,
  defaults?: Pick<CollectionOptions<T>, 'sort'>,
): Rows<T> {
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
