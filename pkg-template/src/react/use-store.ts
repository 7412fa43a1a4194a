import { useState } from 'react';

const areSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value, at) => Object.is(value, b[at]));

/**
 * A store made of these inputs, the same until one of them is another. Unlike a memo it outlives hot
 * reloads; like one it costs nothing if its render is given up, since a store does nothing unheard.
 */
export function useStore<S>(make: () => S, inputs: readonly unknown[]): S {
  const hold = () => ({ inputs, store: make() });
  const [held, setHeld] = useState(hold);
  if (areSame(held.inputs, inputs)) return held.store;
  const next = hold();
  setHeld(next);
  return next.store;
}
