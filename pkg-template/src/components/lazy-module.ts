/** Modules that are loaded when something on the page first needs them. */
import { useEffect, useSyncExternalStore } from 'react';

/** A module that may be there. */
export interface LazyModule<M> {
  /** Loads it, if nobody has yet. If that fails, the next who wants it tries again. */
  want(): void;
  subscribe(listener: () => void): () => void;
  get(): M | undefined;
}

/** Says how a module is loaded. */
export function lazyModule<M>(load: () => Promise<M>): LazyModule<M> {
  const listeners = new Set<() => void>();
  let phase: 'absent' | 'loading' | 'loaded' = 'absent';
  let module: M | undefined;
  return {
    want() {
      if (phase !== 'absent') return;
      phase = 'loading';
      load().then(
        (loaded) => {
          phase = 'loaded';
          module = loaded;
          for (const listener of [...listeners]) listener();
        },
        (error) => {
          phase = 'absent';
          // What waits goes on without it; the page hears why.
          reportError(error);
        },
      );
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    get: () => module,
  };
}

/** The module once it is there; it is loaded when it is wanted, and never on a server. */
export function useLazyModule<M>(lazy: LazyModule<M>, isWanted: boolean): M | undefined {
  useEffect(() => {
    if (isWanted) lazy.want();
  }, [lazy, isWanted]);
  const module = useSyncExternalStore(lazy.subscribe, lazy.get, () => undefined);
  return isWanted ? module : undefined;
}
