/** Warnings in the console. */
import type { RealtimeError } from './errors.js';
import { Text } from './generated/facade.js';
import type { ClientOptions } from './options.js';

let last = '';

/**
 * Prints an error as one warning, unless the client's `logger` is set (or `false`). The same text is not printed
 * twice in a row. `where` names the channel it concerns.
 */
export function warn(
  { code, message, hint }: RealtimeError,
  { logger }: ClientOptions,
  where = '',
): void {
  const text = `${Text.Prefix} ${code}${where}: ${message} ${hint}`;
  if (logger === undefined && text !== last) console.warn(text);
  last = text;
}
