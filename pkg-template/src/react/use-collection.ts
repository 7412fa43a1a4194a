import { useSyncExternalStore } from 'react';
import type { CollectionOptions } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { CollectionStore, type CollectionView } from './collection-store.js';
import { useOptions } from './use-options.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/** A channel's name with the options of its collection, as a service of tidewire/services gives them. */
export interface CollectionPlace<T extends object> {
  /** The channel. */
  readonly channel: string;
  /** How its collection behaves. */
  readonly options: CollectionOptions<T>;
}

/**
 * The rows of a channel, with changes of one's own shown at once.
 *
 * ```ts
 * const { items, insert } = useCollection('notes', { load: () => fetchNotes() });
 * ```
 *
 * Options that say something else open the collection anew; of functions the newest is called. What was
 * changed is seen through even if the component is unmounted. Without a channel's name nothing is opened.
 *
 * In place of both it takes what a service says of a channel: `useCollection(service.notes.at(7))`.
 */
export function useCollection<T extends object = Record<string, unknown>>(
  channel: ChannelName,
  options?: CollectionOptions<T>,
): CollectionView<T>;
export function useCollection<T extends object>(
  place: CollectionPlace<T> | '' | null | undefined,
): CollectionView<T>;
export function useCollection<T extends object>(
  given: ChannelName | CollectionPlace<T>,
  options?: CollectionOptions<T>,
): CollectionView<T> {
  const client = useRealtimeClient();
  const { channel, options: said } =
    given && typeof given === 'object' ? given : { channel: given, options };
  // What was changed on a former channel is still stored by the functions that were given for it.
  const settled = useOptions(said, channel);
  const store = useStore(
    () => new CollectionStore<T>(client, channel, settled),
    [client, channel, settled],
  );
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
