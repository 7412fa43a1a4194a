/** Checks the options of a send. */
import { SEND_OPTIONS, SessionText } from '../generated/engine.js';
import type { SendOptions } from '../sent.js';

/** Describes the first option of a send that is invalid. */
export function faultOf(
  { event, timeoutMs, ttlMs }: SendOptions,
  key: unknown,
): string | undefined {
  return (
    faultOfText('event', event) ??
    faultOfText('key', key) ??
    faultOfTime('timeoutMs', timeoutMs) ??
    faultOfTime('ttlMs', ttlMs)
  );
}

const faultOfText = (name: string, value: unknown): string | undefined =>
  value == null || typeof value === 'string' ? undefined : `${name} must be ${SessionText.Text}`;

/** NaN is not a time either. */
const faultOfTime = (name: string, value: unknown): string | undefined =>
  value == null || (typeof value === 'number' && value >= 0)
    ? undefined
    : `${name} must be ${SessionText.FromZero}`;

/** Whether all names of a send's options are known. */
export function areNamesKnown(options: SendOptions): boolean {
  for (const name in options) if (!Object.hasOwn(SEND_OPTIONS, name)) return false;
  return true;
}
