import { useCallback, useSyncExternalStore } from 'react';
import type { Collection, CollectionSnapshot } from 'tidewire';

/** The current snapshot of a collection. */
export function useCollection<T extends object>(collection: Collection<T>): CollectionSnapshot<T> {
  const subscribe = useCallback(
    (listener: () => void) => collection.on('change', listener),
    [collection],
  );
  return useSyncExternalStore(subscribe, collection.getSnapshot);
}
