/** What is sent, as text or bytes. */
import { invalid } from './validate.js';

/** What is sent: JSON text, or bytes (Phoenix and Supabase). */
export type Payload = string | ArrayBuffer;

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
