/** Modules that are loaded when they are first needed. */
import { useEffect, useSyncExternalStore } from 'react';

/** A module that may be loaded. */
export interface LazyModule<M> {
  /** Loads it, unless it is loaded or loading. After a failure the next call retries. */
  load(): void;
  subscribe(listener: () => void): () => void;
  get(): M | undefined;
}

/** Makes a lazy module. */
export function lazyModule<M>(load: () => Promise<M>): LazyModule<M> {
  const listeners = new Set<() => void>();
  let phase: 'absent' | 'loading' | 'loaded' = 'absent';
  let module: M | undefined;
  return {
    load() {
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
          // Components work without it; the page's `error` event reports the cause.
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

/** Returns the module once it is loaded. It is loaded when it is needed, and never on a server. */
export function useLazyModule<M>(lazy: LazyModule<M>, isNeeded: boolean): M | undefined {
  useEffect(() => {
    if (isNeeded) lazy.load();
  }, [lazy, isNeeded]);
  const module = useSyncExternalStore(lazy.subscribe, lazy.get, () => undefined);
  return isNeeded ? module : undefined;
}
