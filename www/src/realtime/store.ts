/** A value that emits its changes, for `useSyncExternalStore`. */
export interface Store<T> {
  /** The current value: the same object until it changes. */
  get(): T;
  /** Replaces the value and notifies the listeners; does nothing if it is the same. */
  set(next: T): void;
  /** Listens to changes until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

/** Creates a store with an initial value. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
