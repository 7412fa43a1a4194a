/** Providers of a project. */
import {
  type Context,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react';

interface ProjectStore {
  unsubscribe(): Promise<void>;
}

/** Returns the store of the nearest provider. Without one it throws an error: `hook` must be used within `provider`. */
export function useProject<S>(context: Context<S | null>, hook: string, provider: string): S {
  const store = useContext(context);
  if (store) return store;
  throw Error(`${hook} must be used within ${provider}`);
}

/** Provides its children with a store, which is unsubscribed from its project when the provider is unmounted. */
export function ProjectProvider<S extends ProjectStore>({
  context,
  makeStore,
  children,
}: {
  context: Context<S | null>;
  makeStore: () => S;
  children?: ReactNode;
}): ReactNode {
  const [store] = useState(makeStore);
  const phase = useRef<'mounted' | 'unmounted'>('mounted');
  useEffect(() => {
    phase.current = 'mounted';
    return () => {
      phase.current = 'unmounted';
      // StrictMode mounts it again at once.
      queueMicrotask(() => {
        if (phase.current === 'unmounted') void store.unsubscribe();
      });
    };
  }, [store]);
  return createElement(context.Provider, { value: store }, children);
}
