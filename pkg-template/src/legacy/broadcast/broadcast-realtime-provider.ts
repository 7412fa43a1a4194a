import { createElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { BroadcastStore } from './broadcast-store.js';
import { BroadcastContext } from './context.js';

/**
 * Gives the hooks of interviews their project. Its end is that of the project's subscription.
 *
 * @deprecated Use `RealtimeProvider` of `tidewire/react`, with `useCollection` and `usePresence` beneath it.
 */
export function BroadcastRealtimeProvider({ children }: { children?: ReactNode }): ReactNode {
  const [store] = useState(() => new BroadcastStore());
  const life = useRef<'mounted' | 'unmounted'>('mounted');
  useEffect(() => {
    life.current = 'mounted';
    return () => {
      life.current = 'unmounted';
      // StrictMode mounts it again at once.
      queueMicrotask(() => {
        if (life.current === 'unmounted') void store.unsubscribe();
      });
    };
  }, [store]);
  return createElement(BroadcastContext.Provider, { value: store }, children);
}

/** @deprecated Use `RealtimeProvider` of `tidewire/react`. The same as {@link BroadcastRealtimeProvider}. */
export const RealtimeProvider: typeof BroadcastRealtimeProvider = BroadcastRealtimeProvider;

/** @deprecated Use `RealtimeProvider` of `tidewire/react`. The same as {@link BroadcastRealtimeProvider}. */
export const RealtimeWrapper: typeof BroadcastRealtimeProvider = BroadcastRealtimeProvider;
