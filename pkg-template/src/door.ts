/** Checks at the door: bad arguments throw at the call, where the stack still shows who made it. */
import { RealtimeError } from './errors.js';
import type { Payload } from './outgoing.js';

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

/** Throws if these can be no options. */
export function checkOptions(options: unknown, argument = 'options'): void {
  if (options != null && typeof options !== 'object') throw invalid(argument, 'an object');
}

/** The value's JSON. Functions and symbols, which JSON drops silently, are refused. */
export function serialise(value: unknown, argument = 'message'): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value, (key, part) => {
      if (typeof part === 'function' || typeof part === 'symbol') throw Error(`no JSON: ${key}`);
      return part;
    });
  } catch (error) {
    cause = error;
  }
  if (text === undefined) throw invalid(argument, 'JSON', cause);
  return text;
}

/** A message as it is sent: bytes as they are now, anything else as JSON. */
export function payloadOf(message: unknown): Payload {
  if (message instanceof ArrayBuffer) return message.slice(0);
  if (!ArrayBuffer.isView(message)) return serialise(message);
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength).slice().buffer;
}

/** The JSON of an object. */
export function serialiseObject(value: unknown, argument: string): string {
  const text = serialise(value, argument);
  if (text[0] !== '{') throw invalid(argument, 'an object');
  return text;
}

/** A new id: 128 random bits. */
export const newId = (): string =>
  // Absent on pages that came over plain http.
  crypto.randomUUID?.() ??
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
