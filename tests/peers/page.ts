/**
 * The minimal page that the engine needs, in Node: visible, online, with sockets and nothing else.
 *
 * One page has one engine for all its clients, so that a client's transport is found by its address.
 */
import type { WebSocketTransport } from './tap.js';

/** The query parameter with the name of the client's transport. The server ignores it. */
export const PEER = 'peer';

const transports = new Map<string, WebSocketTransport>();

/** Registers a transport; returns its name. */
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
  // A page's socket reports failures by its events only.
  socket.on('error', () => {});
  return socket;
}

const events = new EventTarget();

/** The globals of a page that Node lacks. There is no `window`: other libraries would detect a browser. */
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
