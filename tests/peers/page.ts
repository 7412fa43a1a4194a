/**
 * The minimal page that the engine needs, in Node: visible, online, with sockets and nothing else.
 *
 * One page has one engine for all its clients, so that a client's transport is found by its address.
 */
import type { WebSocketTransport } from './tap.js';

/** The parameter of an address that names its client. The server ignores it. */
export const PEER = 'peer';

const transports = new Map<string, WebSocketTransport>();

/** Names a transport. */
export function nameTransport(transport: WebSocketTransport): string {
  const name = String(transports.size + 1);
  transports.set(name, transport);
  return name;
}

/** `new WebSocket(…)` opens the transport of the client whose address it is. */
function NamedSocket(address: string, protocols?: string | string[]): object {
  const Transport = transports.get(new URL(address).searchParams.get(PEER) ?? '');
  if (!Transport) throw Error(`no transport is registered for ${address}`);
  const socket = new Transport(address, protocols);
  // A page's socket reports what went wrong by its events alone.
  socket.on('error', () => {});
  return socket;
}

const events = new EventTarget();

/** What a page has and Node has not. There is no `window`: other libraries would take it for a browser. */
const PAGE: Record<string, unknown> = {
  document: Object.assign(new EventTarget(), { visibilityState: 'visible', hidden: false }),
  navigator: { onLine: true },
  location: new URL('http://localhost/'),
  WebSocket: NamedSocket,
  // `instanceof` checks succeed for the global object.
  Window: Object.defineProperty(() => {}, Symbol.hasInstance, {
    value: (it: unknown) => it === globalThis,
  }),
  addEventListener: events.addEventListener.bind(events),
  removeEventListener: events.removeEventListener.bind(events),
};

for (const [name, value] of Object.entries(PAGE)) {
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
}
