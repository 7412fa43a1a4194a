/** Copies values that the app's functions return, so that no getter or proxy runs while the engine reads them. */
import type { ClientState } from '../client-state.js';

/**
 * Copies a value. Getters, proxy traps and a `toJSON` of the app run once, here; the copy keeps the result of `toJSON`.
 * Objects of the platform that have a `toJSON` (dates, URLs) are not copied.
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
 * Returns a copy of a value without getters and proxies, with the same prototypes.
 *
 * @throws RealtimeError `invalid_argument` if JSON cannot represent the value: it could be neither compared nor sent
 */
export function plainCopy<T>(value: T, name: string, serialise: ClientState['serialise']): T {
  if (!value || typeof value !== 'object') return value;
  serialise(value, name);
  return copyOf(value) as T;
}
