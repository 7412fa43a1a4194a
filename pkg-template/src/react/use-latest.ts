import { useInsertionEffect, useRef } from 'react';

/** What the last committed render gave. */
export interface Latest<T> {
  readonly current: T;
}

/** Keeps what the last committed render gave at hand, for callbacks that must not be taken anew. */
export function useLatest<T>(value: T): Latest<T> {
  const latest = useRef(value);
  // Before any other effect, so that whatever is subscribed there calls the newest.
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
