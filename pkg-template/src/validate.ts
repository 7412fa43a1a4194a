/** Checks at the door: bad arguments throw at the call, where the stack still shows who made it. */
import { RealtimeError } from './errors.js';
import type { Payload } from './pending-send.js';

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

/** The deepest nesting of what is sent, counting objects and arrays. Mirrors `src/core/payload.rs`. */
export const MAX_DEPTH = 128;

/**
 * The value's JSON, in one walk.
 *
 * @throws RealtimeError `invalid_argument` that names the place of what JSON cannot carry unchanged (`message.a[2]`);
 * what a getter, a `toJSON` or a proxy of the app's throws is its cause
 */
export function serialise(value: unknown, argument = 'message'): string {
  /** The objects around what is visited, outermost first; then the names of these and of what is visited. */
  const holders: unknown[] = [];
  const path: string[] = [];
  // It bounds the walk of an object that holds the same one many times; mirrors `MAX_VALUES`.
  let left = 1 << 20;
  try {
    return JSON.stringify(value, function (this: unknown, key, part) {
      while (holders[0] && holders.at(-1) !== this) holders.pop();
      const length = holders.length;
      const inList = Array.isArray(this);
      path.splice(length, MAX_DEPTH, length ? (inList ? `[${key}]` : `.${key}`) : argument);
      if (
        left-- &&
        (part && typeof part === 'object'
          ? // No Map, Error, Blob …: they would become `{}`.
            /t (Object|Array)]/.test({}.toString.call(part)) &&
            !holders.includes(part) &&
            holders.push(part) <= MAX_DEPTH
          : part === undefined
            ? // Left out of an object; in a list it would become null.
              // An update would not tell of it.
              length > +(argument === 'patch') && !inList
            : // A string, a boolean, null.
              Number.isFinite(part) || /ri|oo|je/.test(typeof part))
      ) {
        return part;
      }
      throw path;
    });
  } catch (cause) {
    throw cause === path
      ? invalid(path.join(''), 'plain JSON')
      : invalid(argument, 'plain JSON', cause);
  }
}

/** A message as it is sent: bytes as they are now, anything else as JSON. */
export function payloadOf(message: unknown): Payload {
  try {
    if (message instanceof ArrayBuffer) return message.slice(0);
    if (ArrayBuffer.isView(message)) {
      return new Uint8Array(message.buffer, message.byteOffset, message.byteLength).slice().buffer;
    }
  } catch {
    // Bytes that were transferred are none, and a proxy may throw.
  }
  return serialise(message);
}

/** The JSON of an object. */
export function serialiseObject(value: unknown, argument: string): string {
  const text = serialise(value, argument);
  if (text[0] !== '{') throw invalid(argument, 'an object');
  return text;
}

/** A new id: 128 random bits. Not `randomUUID`, which pages that came over plain http lack. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
