/** Providers of a project. */
import {
  type Context,
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react';

/** A store of one project. */
interface ProjectStore {
  unsubscribe(): Promise<void>;
}

/** A provider's component, and the hook that returns its store. */
export interface Provider<S> {
  Provider(props: { children?: ReactNode }): ReactNode;
  /** Returns the store of the nearest provider. `hook` is named if there is none. */
  useProject(hook: string): S;
}

/** Makes a provider with a store of its own. `missing` tells what is missing outside of it. */
export function createProvider<S extends ProjectStore>(
  makeStore: () => S,
  missing: string,
): Provider<S> {
  const Project: Context<S | null> = createContext<S | null>(null);
  return {
    Provider({ children }) {
      const [store] = useState(makeStore);
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
      return createElement(Project.Provider, { value: store }, children);
    },
    useProject(hook) {
      const store = useContext(Project);
      if (store) return store;
      throw Error(`${hook} must be used within ${missing}`);
    },
  };
}
