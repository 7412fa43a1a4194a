/** Copies values that the app's functions return, so that no getter or proxy runs while the engine reads them. */
import type { ClientState } from '../client-state.js';

/** Copies a value; getters and proxy traps run once, here. A value with a `toJSON` (a date) is not copied. */
function copyOf(value: unknown): unknown {
  if (!value || typeof value !== 'object') return value;
  if (Array.isArray(value)) return Array.from(value, copyOf);
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, copyOf(part)]),
  );
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype ? copy : Object.setPrototypeOf(copy, prototype);
}

/**
 * Returns a copy of a value without getters and proxies, with the same prototypes.
 *
 * @throws RealtimeError `invalid_argument` if JSON cannot carry the value: it could be neither compared nor sent
 */
export function plainCopy<T>(value: T, name: string, serialise: ClientState['serialise']): T {
  if (!value || typeof value !== 'object') return value;
  serialise(value, name);
  return copyOf(value) as T;
}
