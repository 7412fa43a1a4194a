/** Parses the address of the socket. The engine adds the parts that the protocol needs. */
import { SessionText } from '../generated/engine.js';
import type { ClientOptions } from '../options.js';

/** An address for error messages: without the query, which may have keys and tokens, and without a password. */
const presentable = (given: string | URL): string =>
  String(given)
    .replace(/[?#].*/s, '')
    .replace(/\/\/[^/]*@/, '//');

/**
 * Returns the app's address as one of a WebSocket, with its params.
 *
 * @throws Error with a message that contains no secret
 */
export function socketAddress(given: string | URL, params: ClientOptions['params']): URL {
  const address = parse(given);
  // A WebSocket's address must not have a fragment.
  address.hash = '';
  for (const [name, value] of Object.entries({ ...params })) {
    address.searchParams.set(name, String(value));
  }
  return address;
}

function parse(given: string | URL): URL {
  try {
    const address = new URL(given, location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    if (/^wss?:$/.test(address.protocol)) return address;
  } catch {
    // The error's message may contain the whole address.
  }
  throw Error(`${SessionText.NoAddress}${presentable(given)}`);
}
