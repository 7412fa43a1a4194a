import { isAlike } from './deep-equal.js';
import { type Latest, useNewest } from './use-latest.js';
import { useHeld } from './use-store.js';

type Options = object | undefined;
type Functions = Record<string, ((...values: unknown[]) => unknown) | undefined>;

/**
 * What the hooks and the engine's chunk of any copy of the package have in common: of options those that were given, by
 * whose functions two collections are known to be one; of the page a look at the rows that a collection would show at once.
 */
export const ROWS: unique symbol = Symbol.for('tidewire.rows') as never;

/** The options with functions that call the newest ones. */
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
 * The options as an object that stays the same until they hold something else, or are about something else. Any value may
 * be written inline (see {@link isAlike}); functions are not compared: those of the last committed render are called.
 */
export function useOptions<T extends Options>(given: T, about?: unknown): T {
  const { latest, options } = useHeld(
    (held) => Object.is(held.about, about) && isAlike(held.given, given),
    () => {
      const latest = { current: given };
      return { given, about, latest, options: withLatest(given, latest) };
    },
  );
  useNewest(latest, given);
  return options;
}
