/** Copies of what the app's functions return, so that no code of the app's runs while the engine reads them. */
import type { Ledger } from '../client-state.js';

/**
 * A getter, or a trap of a proxy, is run once, here; so is a `toJSON` of the app's, whose result the copy keeps. What the
 * platform makes and has a `toJSON` (a date, an address) stays as it is.
 */
function copyOf(value: unknown): unknown {
  if (!value || typeof value !== 'object') return value;
  if (Array.isArray(value)) return Array.from(value, copyOf);
  const { toJSON } = value as { toJSON?: unknown };
  const hasJson = typeof toJSON === 'function';
  if (hasJson && {}.toString.call(value) !== '[object Object]') return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, copyOf(part)]),
  );
  if (hasJson) {
    const json = copyOf(toJSON.call(value, ''));
    Object.defineProperty(copy, 'toJSON', { value: () => json });
  }
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype ? copy : Object.setPrototypeOf(copy, prototype);
}

/**
 * A copy of a value without getters and proxies, of the same classes.
 *
 * @throws RealtimeError `invalid_argument` if JSON cannot carry the value: it would be neither compared nor sent
 */
export function plainCopy<T>(value: T, name: string, serialise: Ledger['serialise']): T {
  if (!value || typeof value !== 'object') return value;
  serialise(value, name);
  return copyOf(value) as T;
}
