import { useSyncExternalStore } from 'react';
import type { Store } from '../realtime/store.ts';

/** The value of a store, kept up to date. */
export function useStore<T>(store: Pick<Store<T>, 'get' | 'subscribe'>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}
