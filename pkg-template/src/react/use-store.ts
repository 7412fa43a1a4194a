import { useState } from 'react';
import { useNewest } from './use-latest.js';

/** Whether two lists hold the very same values in the same order. */
export const areSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value, at) => Object.is(value, b[at]));

/**
 * What the last committed render held, as long as it fits this one; else something new. Unlike a memo it outlives hot
 * reloads. No render leads to another one, so that a value which is another in every render ends in no loop.
 */
export function useHeld<H>(fits: (held: H) => boolean, make: () => H): H {
  const [committed] = useState(() => ({ current: make() }));
  const held = fits(committed.current) ? committed.current : make();
  useNewest(committed, held);
  return held;
}

/**
 * A store made of these inputs, the same until one of them is another. Like a memo it costs nothing if its render is
 * given up, since a store does nothing before it has a listener.
 */
export const useStore = <S>(make: () => S, inputs: readonly unknown[]): S =>
  useHeld(
    (held) => areSame(held.inputs, inputs),
    () => ({ inputs, store: make() }),
  ).store;
