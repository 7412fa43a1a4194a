import { createElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { ProjectContext } from './context.js';
import { ProjectStore } from './project-store.js';

/**
 * Gives the hooks of interviews their project. Its end is that of the project's subscription.
 *
 * @deprecated Use `RealtimeProvider` of `tidewire/react`, with `useCollection` and `usePresence` beneath it.
 */
export function InterviewRealtimeWrapper({ children }: { children?: ReactNode }): ReactNode {
  const [store] = useState(() => new ProjectStore());
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
  return createElement(ProjectContext.Provider, { value: store }, children);
}
