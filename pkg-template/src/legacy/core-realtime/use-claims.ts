import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

/** Who needs what, over all components: the first claim takes it, the last one gives it back. */
export class Claims<K> {
  readonly #counts = new Map<K, number>();
  readonly #take: (key: K) => void;
  readonly #give: (key: K) => void;

  constructor(take: (key: K) => void, give: (key: K) => void) {
    this.#take = take;
    this.#give = give;
  }

  /** One more needs it. */
  add(key: K): void {
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    if (!count) this.#take(key);
  }

  /** One fewer does. */
  remove(key: K): void {
    const count = this.#counts.get(key) ?? 0;
    if (count > 1) this.#counts.set(key, count - 1);
    else if (this.#counts.delete(key)) this.#give(key);
  }
}

/** What one component holds. */
export interface Claimed<K> {
  /** The same set until it changes. */
  readonly held: ReadonlySet<K>;
  /** Holds it; nothing if that is so already. */
  readonly hold: (key: K) => void;
  /** Lets go of it. */
  readonly release: (key: K) => void;
}

/** Lets go of all that a component holds when it is gone. */
export function useClaims<K>(claims: Claims<K>): Claimed<K> {
  const [held, setHeld] = useState<ReadonlySet<K>>(() => new Set());
  const own = useRef(new Set<K>());
  const hold = useCallback(
    (key: K) => {
      if (own.current.has(key)) return;
      own.current.add(key);
      claims.add(key);
      setHeld(new Set(own.current));
    },
    [claims],
  );
  const release = useCallback(
    (key: K) => {
      if (!own.current.delete(key)) return;
      claims.remove(key);
      setHeld(new Set(own.current));
    },
    [claims],
  );
  useEffect(
    () => () => {
      for (const key of own.current) claims.remove(key);
      own.current.clear();
    },
    [claims],
  );
  return useMemo(() => ({ held, hold, release }), [held, hold, release]);
}
