import { useSyncExternalStore } from 'react';
import type { CollectionOptions } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { CollectionStore, type CollectionView } from './collection-store.js';
import { useOptions } from './use-options.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/**
 * The rows of a channel, with changes of one's own shown at once.
 *
 * ```ts
 * const { items, insert } = useCollection('notes', { load: () => fetchNotes() });
 * ```
 *
 * Options that say something else open the collection anew; of functions the newest is called. What was
 * changed is seen through even if the component is unmounted. Without a channel's name nothing is opened.
 */
export function useCollection<T extends object = Record<string, unknown>>(
  channel: ChannelName,
  options?: CollectionOptions<T>,
): CollectionView<T> {
  const client = useRealtimeClient();
  const settled = useOptions(options);
  const store = useStore(
    () => new CollectionStore<T>(client, channel, settled),
    [client, channel, settled],
  );
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
