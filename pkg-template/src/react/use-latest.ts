import { useInsertionEffect, useRef } from 'react';

/** The value of the last committed render. */
export interface Latest<T> {
  current: T;
}

/** Assigns the value of a render once it is committed. */
export function useNewest<T>(latest: Latest<T>, value: T): void {
  // Before all other effects, so that callbacks subscribed there use the latest value.
  useInsertionEffect(() => {
    latest.current = value;
  });
}

/** Returns a reference to the value of the last committed render, for callbacks that are subscribed once. */
export function useLatest<T>(value: T): Readonly<Latest<T>> {
  const latest = useRef(value);
  useNewest(latest, value);
  return latest;
}
