/** Warnings in the console. */
import type { RealtimeError } from './errors.js';
import type { ClientOptions } from './options.js';

let last = '';

/**
 * Prints an error as one warning, with what it concerns, unless the client has its own logger or none; the
 * same again only after another one.
 */
export function warn(
  { code, message, hint }: RealtimeError,
  { logger }: ClientOptions,
  where = '',
): void {
  const text = `[tidewire] ${code}${where}: ${message} ${hint}`;
  if (logger === undefined && text !== last) console.warn(text);
  last = text;
}
