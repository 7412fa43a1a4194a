/** Warnings in the console. */
import type { RealtimeError } from './errors.js';

/** Prints an error as one warning: its code, what it concerns, message and hint. */
export const warn = ({ code, message, hint }: RealtimeError, where = ''): void =>
  console.warn(`[tidewire] ${code}${where}: ${message} ${hint}`);
