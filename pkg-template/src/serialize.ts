/** Serializes payloads, to text or bytes. */
import { MAX_DEPTH, MAX_VALUES, Text } from './generated/facade.js';
import { invalid } from './validate.js';

/** A serialized payload: JSON text, or bytes (Phoenix and Supabase). */
export type Payload = string | ArrayBuffer;

/**
 * Returns the value's JSON.
 *
 * @throws RealtimeError `invalid_argument` that names the path of a value that JSON cannot represent unchanged
 * (`message.a[2]`); its cause is the error that a getter, a `toJSON` or a proxy of the app's threw
 */
export function serialise(value: unknown, argument = 'message'): string {
  /** The objects around the visited value, outermost first; then the path of names down to that value. */
  const holders: unknown[] = [];
  const path: string[] = [];
  // Limits the work for an object that contains the same object many times.
  let left = MAX_VALUES;
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
            ? // Omitted from an object; in a list it would become null.
              // A patch with it would not change the field.
              length > +(argument === 'patch') && !inList
            : // A string, a boolean, null.
              Number.isFinite(part) || /ri|oo|je/.test(typeof part))
      ) {
        return part;
      }
      throw path;
    });
  } catch (cause) {
    throw cause === path ? invalid(path.join(''), Text.Json) : invalid(argument, Text.Json, cause);
  }
}

/** Returns a copy of a message that is bytes. */
export function bytesOf(message: unknown): ArrayBuffer | undefined {
  try {
    if (message instanceof ArrayBuffer) return message.slice(0);
    if (ArrayBuffer.isView(message)) {
      return new Uint8Array(message.buffer, message.byteOffset, message.byteLength).slice().buffer;
    }
  } catch {
    // A transferred buffer has no bytes, and a proxy may throw.
  }
  return undefined;
}

/** Returns the JSON of an object. */
export function serialiseObject(value: unknown, argument: string): string {
  const text = serialise(value, argument);
  if (text[0] !== '{') throw invalid(argument, Text.Object);
  return text;
}
