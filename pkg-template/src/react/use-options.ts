import { useState } from 'react';
import { haveAlikeMembers, isAlike } from './alike.js';
import { type Latest, useNewest } from './use-latest.js';

type Options = object | undefined;
type Functions = Record<string, ((...values: unknown[]) => unknown) | undefined>;

/** Functions are not compared: the newest one is called. */
const isSameOption = (a: unknown, b: unknown): boolean =>
  (typeof a === 'function' && typeof b === 'function') || isAlike(a, b);

const sayTheSame = (a: Options, b: Options): boolean =>
  a && b ? haveAlikeMembers(a, b, isSameOption) : a === b;

/** The options with functions that call the newest ones. */
function withLatest<T extends Options>(given: T, latest: Latest<T>): T {
  if (!given) return given;
  const members = Object.entries(given).map(([name, value]) => [
    name,
    typeof value === 'function'
      ? (...values: unknown[]) => (latest.current as Functions | undefined)?.[name]?.(...values)
      : value,
  ]);
  return Object.fromEntries(members) as T;
}

/**
 * The options as an object that stays the same until they say something else, or are about something else.
 * Its functions call those of the last render that said the same of the same.
 */
export function useOptions<T extends Options>(given: T, about?: unknown): T {
  const hold = () => {
    const latest = { current: given };
    return { given, about, latest, options: withLatest(given, latest) };
  };
  const [last, setHeld] = useState(hold);
  let held = last;
  if (!Object.is(held.about, about) || !sayTheSame(held.given, given)) {
    held = hold();
    setHeld(held);
  }
  const { latest, options } = held;
  useNewest(latest, given);
  return options;
}
