import { useInsertionEffect, useRef } from 'react';

/** Returns a reference to the value of the last committed render, for callbacks that are subscribed once. */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  // Before all other effects, so that callbacks subscribed there use the latest value.
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
