import { deepEqual } from './deep-equal.js';
import { type Latest, useNewest } from './use-latest.js';
import { useCommitted } from './use-store.js';

type Options = object | undefined;
type Functions = Record<string, ((...values: unknown[]) => unknown) | undefined>;

/**
 * A key that the hooks and the engine's chunk of any copy of the package share. On options: the options that the app
 * gave, whose functions identify a collection. On the page: the function that returns a collection's initial rows.
 */
export const ROWS: unique symbol = Symbol.for('tidewire.rows') as never;

/** Returns the options with functions that call the latest ones. */
function withLatest<T extends Options>(given: T, latest: Latest<T>): T {
  if (!given) return given;
  const members = Object.entries(given).map(([name, value]) => [
    name,
    typeof value === 'function'
      ? (...values: unknown[]) => (latest.current as Functions | undefined)?.[name]?.(...values)
      : value,
  ]);
  return { ...Object.fromEntries(members), [ROWS]: given } as T;
}

/**
 * Returns the options as an object that stays the same until their content, or `about`, changes. Any value may
 * be written inline (see {@link deepEqual}); functions are not compared: those of the last committed render are called.
 */
export function useOptions<T extends Options>(given: T, about?: unknown): T {
  const { latest, options } = useCommitted(
    (committed) => Object.is(committed.about, about) && deepEqual(committed.given, given),
    () => {
      const latest = { current: given };
      return { given, about, latest, options: withLatest(given, latest) };
    },
  );
  useNewest(latest, given);
  return options;
}
