import { useEffect, useMemo, useRef, useState } from 'react';

/** Runs a component's action; an error is logged and not thrown. */
export function safely<R>(what: string, work: () => R): R | undefined {
  try {
    return work();
  } catch (error) {
    console.error(`${what} failed:`, error);
    return undefined;
  }
}

/** Counts the components that use a key: the first one acquires it, the last one frees it. */
export class RefCounts<K> {
  readonly #counts = new Map<K, number>();

  /** @param what the kind of the keys, for the log */
  constructor(
    readonly what: string,
    private readonly acquire: (key: K) => void,
    private readonly free: (key: K) => void,
  ) {}

  add(key: K): void {
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    if (!count) this.acquire(key);
  }

  remove(key: K): void {
    const count = this.#counts.get(key) ?? 0;
    if (count > 1) this.#counts.set(key, count - 1);
    else if (this.#counts.delete(key)) this.free(key);
  }
}

/** The keys that one component uses. Its functions stay the same; an error is logged. */
interface RefCounted<K> {
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
  const actions = useMemo(
    () => ({
      acquire: (key: K) =>
        safely(`Subscribing to ${counts.what}`, () => {
          if (own.current.has(key)) return;
          own.current.add(key);
          counts.add(key);
          setKeys(new Set(own.current));
        }),
      release: (key: K) =>
        safely(`Unsubscribing from ${counts.what}`, () => {
          if (!own.current.delete(key)) return;
          counts.remove(key);
          setKeys(new Set(own.current));
        }),
    }),
    [counts],
  );
  useEffect(
    () => () => {
      for (const key of own.current) counts.remove(key);
      own.current.clear();
    },
    [counts],
  );
  return { keys, ...actions };
}
