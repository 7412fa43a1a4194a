/** Sockets that are opened before the engine is loaded, and that it then uses as if it had opened them itself. */

/** The sockets that the engine has not taken over, with their subprotocols and their events until then. */
const waiting = new Map<WebSocket, [protocols: string, events: Event[]]>();

/**
 * Opens a socket and records its events. Returns a function that closes it unless the engine has taken it over.
 *
 * @throws the error of the constructor
 */
export function openEarly(url: string, protocols: string[]): () => void {
  const socket = new WebSocket(url, protocols);
  const events: Event[] = [];
  socket.binaryType = 'arraybuffer';
  // The engine sets all of these, so nothing is recorded from then on.
  const record = (event: Event) => {
    events.push(event);
  };
  socket.onopen = socket.onmessage = socket.onerror = socket.onclose = record;
  waiting.set(socket, [`${protocols}`, events]);
  return () => {
    if (!waiting.delete(socket)) return;
    const close = () => socket.close(1000);
    // Browsers print an error to the console if it is closed before it is open.
    if (socket.readyState) close();
    else socket.onopen = close;
  };
}

/**
 * Returns an early socket with this address and these subprotocols, if there is one. Its events so far follow when its new
 * owner has set the listeners.
 */
export function takeEarly(url: string, protocols: unknown): WebSocket | undefined {
  for (const [socket, [offered, events]] of waiting) {
    if (socket.url !== url || offered !== `${protocols}`) continue;
    waiting.delete(socket);
    // No further event of the socket precedes the microtask.
    queueMicrotask(() => {
      for (const event of events) socket.dispatchEvent(event);
    });
    return socket;
  }
  return undefined;
}
