/** Where a server's socket is, by what it speaks. */
import type { ClientOptions } from '../options.js';

/** The path of the socket, where the app named none. */
const DEFAULT_PATHS = { tidewire: '/ws/realtime', phoenix: '/socket', supabase: '/' };

/** An address as an error may show it: keys and tokens are in the query, passwords before the host. */
const presentable = (given: string | URL): string =>
  String(given)
    .replace(/[?#].*/s, '')
    .replace(/\/\/[^/]*@/, '//');

/** The path of a Phoenix socket, or of Supabase's behind the project's address. */
function socketPath(path: string, protocol: 'phoenix' | 'supabase'): string {
  const mount = path.replace(/\/+$/, '');
  if (mount.endsWith('/websocket')) return mount;
  const isProject = protocol === 'supabase' && !mount.endsWith('/realtime/v1');
  return `${mount}${isProject ? '/realtime/v1' : ''}/websocket`;
}

/**
 * The address of the socket: of what the app gave, with what the protocol demands.
 *
 * @throws Error that says what is wrong with it, without anything secret in it
 */
export function socketAddress(given: string | URL | undefined, options: ClientOptions): URL {
  const { protocol = 'tidewire', params = {}, apiKey = '', vsn = '2.0.0' } = options;
  const address = parse(given ?? DEFAULT_PATHS[protocol]);
  // A WebSocket takes no fragment.
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
    // Its words may hold the whole address.
  }
  throw Error(`not a WebSocket address: ${presentable(given)}`);
}
