/**
 * Compares values by their content. The package `dequal` (496 bytes with gzip; this file has 406) is not used: it does
 * not terminate on cycles, and treats the inline functions of two renders, and equal URLs, as different.
 */
import { MAX_DEPTH } from '../generated/facade.js';

type Members = Record<string, unknown>;

/** Pairs whose comparison has started, so that cycles are followed once. */
type Pairs = Map<unknown, Set<unknown>>;

const bytesOf = (value: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);

/**
 * Returns the content of objects without own enumerable members: bytes, the entries of maps and
 * sets, and the value of dates, URLs, regular expressions and boxed primitives.
 */
function contentOf(value: object): readonly unknown[] {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return [...bytesOf(value)];
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value instanceof RegExp || value instanceof URL || value instanceof URLSearchParams) {
    return [String(value)];
  }
  if (
    value instanceof Date ||
    value instanceof Number ||
    value instanceof String ||
    value instanceof Boolean
  ) {
    return [value.valueOf()];
  }
  if (value instanceof Error) return [value.name, value.message, value.cause];
  // `Temporal` objects and others that convert themselves to JSON.
  return typeof (value as { toJSON?: unknown }).toJSON === 'function'
    ? [(value as { toJSON(): unknown }).toJSON()]
    : [];
}

function compare(a: unknown, b: unknown, pairs: Pairs, depth: number): boolean {
  // Deeper values cannot be sent.
  if (Object.is(a, b) || depth > MAX_DEPTH) return true;
  // Functions count as equal: one written inline is a new function in every render.
  if (typeof a === 'function' && typeof b === 'function') return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const compared = pairs.get(a) ?? new Set();
  if (compared.has(b)) return true;
  pairs.set(a, compared.add(b));
  const same = (one: unknown, other: unknown): boolean => compare(one, other, pairs, depth + 1);
  // An array has no content besides its members.
  if (Array.isArray(a)) return haveEqualMembers(a, b, same);
  const [content, other] = [contentOf(a), contentOf(b)];
  return (
    content.length === other.length &&
    content.every((value, at) => same(value, other[at])) &&
    (ArrayBuffer.isView(a) || haveEqualMembers(a, b, same))
  );
}

/**
 * Whether two values have the same content. Plain objects and arrays are compared by their members; dates, maps, sets,
 * bytes, regular expressions and URLs by their value; any other object by its class, its own members and its
 * `toJSON()`. Functions are always equal. Cycles are followed once.
 */
export const deepEqual = (a: unknown, b: unknown): boolean => compare(a, b, new Map(), 0);

/** Compares two objects member by member. */
export function haveEqualMembers(
  a: object,
  b: object,
  isSame: (a: unknown, b: unknown) => boolean,
): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) => Object.hasOwn(b, name) && isSame((a as Members)[name], (b as Members)[name]),
    )
  );
}
