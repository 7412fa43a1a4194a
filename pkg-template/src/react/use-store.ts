import { useState } from 'react';
import { useNewest } from './use-latest.js';

/** Whether two lists have identical values in the same order. */
export const areSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value, at) => Object.is(value, b[at]));

/**
 * Returns the value of the last committed render, as long as it fits this one; else a new value. Unlike a memo it is kept
 * across hot reloads. It never causes a render, so inputs that change in every render do not cause a loop.
 */
export function useCommitted<V>(fits: (committed: V) => boolean, make: () => V): V {
  const [committed] = useState(() => ({ current: make() }));
  const value = fits(committed.current) ? committed.current : make();
  useNewest(committed, value);
  return value;
}

/**
 * Returns a store made from these inputs, the same until one of them changes. An abandoned render needs no
 * cleanup, since a store does nothing before it has a listener.
 */
export const useStore = <S>(make: () => S, inputs: readonly unknown[]): S =>
  useCommitted(
    (committed) => areSame(committed.inputs, inputs),
    () => ({ inputs, store: make() }),
  ).store;
