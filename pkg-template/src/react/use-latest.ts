import { useInsertionEffect, useRef } from 'react';

/** What the last committed render gave. */
export interface Latest<T> {
  current: T;
}

/** Puts what a render gives there once it is committed. */
export function useNewest<T>(latest: Latest<T>, value: T): void {
  // Before any other effect, so that whatever is subscribed there calls the newest.
  useInsertionEffect(() => {
    latest.current = value;
  });
}

/** Keeps what the last committed render gave at hand, for callbacks that must not be taken anew. */
export function useLatest<T>(value: T): Readonly<Latest<T>> {
  const latest = useRef(value);
  useNewest(latest, value);
  return latest;
}
