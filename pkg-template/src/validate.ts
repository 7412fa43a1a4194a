/** Checks at the door: bad arguments throw at the call, where the stack still shows who made it. */
import { RealtimeError } from './errors.js';

/** The error for an argument that is not what it must be. */
export const invalid = (argument: string, must: string, cause?: unknown): RealtimeError =>
  new RealtimeError('invalid_argument', `${argument} must be ${must}.`, `Check ${argument}.`, {
    cause,
  });

/** Throws unless the value is a string with something in it. */
export function checkName(value: unknown, argument: string): void {
  if (typeof value !== 'string' || !value) throw invalid(argument, 'a non-empty string');
}

/** Throws unless the value is a function. */
export function checkFunction(value: unknown, argument: string): void {
  if (typeof value !== 'function') throw invalid(argument, 'a function');
}

/**
 * A copy of options: what is changed later, or can be read only once, does no harm. Throws if they are no object, or
 * cannot be read.
 */
export function copyOf<T extends object>(options?: T | null, argument = 'options'): T {
  let cause: unknown;
  try {
    if (typeof (options ?? {}) === 'object') return { ...options } as T;
  } catch (thrown) {
    cause = thrown;
  }
  throw invalid(argument, 'an object', cause);
}
