import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

/** Counts the components that use a key: the first one acquires it, the last one frees it. */
export class RefCounts<K> {
  readonly #counts = new Map<K, number>();
  readonly #acquire: (key: K) => void;
  readonly #free: (key: K) => void;

  constructor(acquire: (key: K) => void, free: (key: K) => void) {
    this.#acquire = acquire;
    this.#free = free;
  }

  add(key: K): void {
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    if (!count) this.#acquire(key);
  }

  remove(key: K): void {
    const count = this.#counts.get(key) ?? 0;
    if (count > 1) this.#counts.set(key, count - 1);
    else if (this.#counts.delete(key)) this.#free(key);
  }
}

export interface RefCounted<K> {
  /** The same set until it changes. */
  readonly keys: ReadonlySet<K>;
  /** Acquires a key; does nothing if it has it already. */
  readonly acquire: (key: K) => void;
  readonly release: (key: K) => void;
}

/** Returns the keys that a component uses; releases all when it is unmounted. */
export function useRefCounts<K>(counts: RefCounts<K>): RefCounted<K> {
  const [keys, setKeys] = useState<ReadonlySet<K>>(() => new Set());
  const own = useRef(new Set<K>());
  const acquire = useCallback(
    (key: K) => {
      if (own.current.has(key)) return;
      own.current.add(key);
      counts.add(key);
      setKeys(new Set(own.current));
    },
    [counts],
  );
  const release = useCallback(
    (key: K) => {
      if (!own.current.delete(key)) return;
      counts.remove(key);
      setKeys(new Set(own.current));
    },
    [counts],
  );
  useEffect(
    () => () => {
      for (const key of own.current) counts.remove(key);
      own.current.clear();
    },
    [counts],
  );
  return useMemo(() => ({ keys, acquire, release }), [keys, acquire, release]);
}
