import { useSyncExternalStore } from 'react';
import type { CollectionOptions } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { CollectionStore, type CollectionView } from './collection-store.js';
import { useOptions } from './use-options.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/** A channel's name with the options of its collection, as a service of tidewire/services returns them. */
export interface CollectionPlace<T extends object> {
  /** The channel. */
  readonly channel: string;
  /** The options of its collection. */
  readonly options: CollectionOptions<T>;
}

/**
 * Returns the rows of a channel, with optimistic local changes.
 *
 * ```ts
 * const { items, insert } = useCollection('notes', { load: () => fetchNotes() });
 * ```
 *
 * Changed options open the collection again; functions may differ in every render, and the latest ones are called.
 * Changes are completed even if the component is unmounted. Without a channel's name nothing is opened.
 *
 * Instead of both arguments it takes a channel of a service: `useCollection(service.notes.at(7))`.
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
  const { channel, options: definition } =
    given && typeof given === 'object' ? given : { channel: given, options };
  // Changes on a former channel are still stored by the functions that were given for it.
  const settled = useOptions(definition, channel);
  const store = useStore(
    () => new CollectionStore<T>(client, channel, settled),
    [client, channel, settled],
  );
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
