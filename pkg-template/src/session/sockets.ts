/**
 * The sockets of all engines (the build replaces the glue's `new WebSocket`): some are opened before the engine is loaded,
 * and it uses them as if it had opened them itself.
 */

/** The sockets that are not closed. */
const open = new Set<WebSocket>();

function newSocket(url: string, protocols?: string | string[]): WebSocket {
  const socket = new WebSocket(url, protocols);
  open.add(socket);
  socket.addEventListener('close', () => open.delete(socket));
  return socket;
}

/** Closes the sockets that a trapped engine left open. */
export function closeSockets(): void {
  for (const socket of open) socket.close(1000);
  open.clear();
}

/** The listeners that the engine sets. */
const LISTENERS = ['onopen', 'onmessage', 'onerror', 'onclose'] as const;

type Recorded = [listener: (typeof LISTENERS)[number], event: Event];

/** The early sockets that the engine has not taken over, with their subprotocols and their events until then. */
const early = new Map<WebSocket, [protocols: string, events: Recorded[]]>();

/**
 * Opens a socket for the engine, and records its events. Returns a function that closes it unless the engine has taken it
 * over.
 *
 * @throws the error of the constructor
 */
export function openEarly(url: string, protocols: string[]): () => void {
  const socket = newSocket(url, protocols);
  const events: Recorded[] = [];
  socket.binaryType = 'arraybuffer';
  for (const name of LISTENERS) socket[name] = (event: Event) => void events.push([name, event]);
  early.set(socket, [`${protocols}`, events]);
  return () => {
    if (!early.delete(socket)) return;
    const close = () => socket.close(1000);
    // Browsers print an error to the console if it is closed before it is open.
    if (socket.readyState) close();
    else socket.onopen = close;
  };
}

/**
 * `new EngineSocket(…)` returns a WebSocket: an early one with this address and these subprotocols, if there is one. Its
 * events so far follow once the engine has set its listeners. Not a class: there may be no `WebSocket` to extend when this
 * module is evaluated (Jest, Node).
 */
export function EngineSocket(url: string, protocols?: string | string[]): WebSocket {
  for (const [socket, [offered, events]] of early) {
    if (socket.url !== url || offered !== `${protocols}`) continue;
    early.delete(socket);
    // No further event of the socket precedes the microtask.
    queueMicrotask(() => {
      // Not `dispatchEvent`, which doubles of sockets in tests of apps do not have.
      for (const [name, event] of events) socket[name]?.(event as never);
    });
    return socket;
  }
  return newSocket(url, protocols);
}
