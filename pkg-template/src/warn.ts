/** Warnings in the console. */
import type { RealtimeError } from './errors.js';
import type { ClientOptions } from './options.js';

/** Prints an error as one warning, with what it concerns, unless the client has its own logger or none. */
export const warn = (
  { code, message, hint }: RealtimeError,
  { logger }: ClientOptions,
  where = '',
): unknown => logger ?? console.warn(`[tidewire] ${code}${where}: ${message} ${hint}`);
