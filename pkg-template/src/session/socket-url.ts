/** Resolves the address of the socket, by protocol. */
import type { ClientOptions } from '../options.js';

/** The default paths of the socket. */
const DEFAULT_PATHS = { tidewire: '/ws/realtime', phoenix: '/socket', supabase: '/' };

/** An address for error messages: without the query, which may hold keys and tokens, and without a password. */
const presentable = (given: string | URL): string =>
  String(given)
    .replace(/[?#].*/s, '')
    .replace(/\/\/[^/]*@/, '//');

/** Returns the path of a Phoenix socket, or of Supabase's below the project's address. */
function socketPath(path: string, protocol: 'phoenix' | 'supabase'): string {
  const mount = path.replace(/\/+$/, '');
  if (mount.endsWith('/websocket')) return mount;
  const isProject = protocol === 'supabase' && !mount.endsWith('/realtime/v1');
  return `${mount}${isProject ? '/realtime/v1' : ''}/websocket`;
}

/**
 * Returns the address of the socket: the app's, with the path and query parameters that the protocol needs.
 *
 * @throws Error with a message that contains no secret
 */
export function socketAddress(given: string | URL | undefined, options: ClientOptions): URL {
  const { protocol = 'tidewire', params = {}, apiKey = '', vsn = '2.0.0' } = options;
  const address = parse(given ?? DEFAULT_PATHS[protocol]);
  // A WebSocket's address must not have a fragment.
  address.hash = '';
  const query: ClientOptions['params'] = { ...params };
  if (protocol !== 'tidewire') {
    address.pathname = socketPath(address.pathname, protocol);
    query.vsn = vsn;
  }
  if (protocol === 'supabase') query.apikey = apiKey;
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
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
  throw Error(`not a WebSocket address: ${presentable(given)}`);
}
