/** Serializes payloads, to text or bytes. */
import { MAX_DEPTH, MAX_VALUES, Text } from './generated/facade.js';
import { invalid } from './validate.js';

/** A serialized payload: JSON text, or bytes (Phoenix and Supabase). */
export type Payload = string | ArrayBuffer;

/** Whether JSON has the value as it is, and it contains no other. */
const isLeaf = (value: unknown): boolean =>
  typeof value === 'string' ||
  Number.isFinite(value) ||
  typeof value === 'boolean' ||
  value === null;

/**
 * Returns the value's JSON.
 *
 * @throws RealtimeError `invalid_argument` that names the path of a value that JSON cannot represent unchanged
 * (`message.a[2]`); its cause is the error that a getter, a `toJSON` or a proxy of the app's threw
 */
export function serialise(value: unknown, argument = 'message'): string {
  /** The objects around the visited value, outermost first, and the key that is visited in each. */
  const holders: object[] = [];
  const keys: (string | number)[] = [];
  // Limits the work for an object that contains the same object many times.
  let left = MAX_VALUES;
  let fault: Error | undefined;

  /** Returns a copy without getters: each runs once, here. `JSON.stringify` is several times slower with a replacer. */
  function plain(given: unknown, key: string | number): unknown {
    if (left-- > 0 && isLeaf(given)) return given;
    const depth = holders.length;
    const { toJSON } = Object(given);
    const part = typeof toJSON === 'function' ? toJSON.call(given, `${key}`) : given;
    const isList = Array.isArray(part);
    if (left >= 0) {
      if (isLeaf(part)) return part;
      // Omitted from an object; in a list it would become null. A patch with it would not change the field.
      if (part === undefined && depth > +(argument === 'patch') && typeof key === 'string')
        return part;
      const tag = typeof part === 'object' && {}.toString.call(part);
      if (
        // No Map, Error, Blob …: they would become `{}`.
        (tag === '[object Object]' || tag === '[object Array]') &&
        !holders.includes(part) &&
        holders.push(part) <= MAX_DEPTH
      ) {
        const copy = isList ? [] : { ...part };
        if (isList) {
          const { length } = part;
          for (let at = 0; at < length; at++) {
            keys[depth] = at;
            copy.push(plain(part[at], at));
          }
        } else {
          for (const name of Object.keys(copy)) {
            keys[depth] = name;
            copy[name] = plain(copy[name], name);
          }
        }
        holders.pop();
        return copy;
      }
    }
    const path = keys
      .slice(0, depth)
      .map((name) => (typeof name === 'string' ? `.${name}` : `[${name}]`));
    fault = invalid(argument + path.join(''), Text.Json);
    throw fault;
  }

  try {
    return JSON.stringify(plain(value, ''));
  } catch (cause) {
    throw fault ?? invalid(argument, Text.Json, cause);
  }
}

/** Serializes a message: a copy of bytes, JSON of anything else. */
export function payloadOf(message: unknown): Payload {
  try {
    if (message instanceof ArrayBuffer) return message.slice(0);
    if (ArrayBuffer.isView(message)) {
      return new Uint8Array(message.buffer, message.byteOffset, message.byteLength).slice().buffer;
    }
  } catch {
    // A transferred buffer has no bytes, and a proxy may throw.
  }
  return serialise(message);
}

/** Returns the JSON of an object. */
export function serialiseObject(value: unknown, argument: string): string {
  const text = serialise(value, argument);
  if (text[0] !== '{') throw invalid(argument, Text.Object);
  return text;
}
