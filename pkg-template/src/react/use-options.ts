import { useState } from 'react';
import { haveAlikeMembers, isAlike } from './alike.js';
import { type Latest, useLatest } from './use-latest.js';

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
 * The options as an object that stays the same until they say something else. Its functions call those of
 * the last render.
 */
export function useOptions<T extends Options>(given: T): T {
  const latest = useLatest(given);
  const hold = () => ({ given, options: withLatest(given, latest) });
  const [held, setHeld] = useState(hold);
  if (sayTheSame(held.given, given)) return held.options;
  const next = hold();
  setHeld(next);
  return next.options;
}
