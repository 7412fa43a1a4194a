/** Checks of arguments: an invalid one throws synchronously, so that the stack shows the call. */
import { RealtimeError } from './errors.js';
import { Text } from './generated/facade.js';

/** The error for an invalid argument. */
export const invalid = (argument: string, must: string, cause?: unknown): RealtimeError =>
  new RealtimeError('invalid_argument', `${argument} must be ${must}.`, `Check ${argument}.`, {
    cause,
  });

/** Throws unless the value is a non-empty string. */
export function checkName(value: unknown, argument: string): void {
  if (typeof value !== 'string' || !value) throw invalid(argument, Text.Name);
}

/** Throws unless the value is a function. */
export function checkFunction(value: unknown, argument: string): void {
  if (typeof value !== 'function') throw invalid(argument, Text.Function);
}

/**
 * Returns a copy of options, so that later changes and getters have no effect. Throws if they are not an object, or
 * cannot be read.
 */
export function copyOf<T extends object>(options?: T | null, argument = 'options'): T {
  let cause: unknown;
  try {
    if (typeof (options ?? {}) === 'object') return { ...options } as T;
  } catch (thrown) {
    cause = thrown;
  }
  throw invalid(argument, Text.Object, cause);
}
