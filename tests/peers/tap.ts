/** A transport that records its messages. */
import WebSocket from 'ws';

/** The type of the option `transport` of the client libraries. */
export type WebSocketTransport = new (
  address: string | URL,
  protocols?: string | string[],
) => WebSocket;

/** One WebSocket message, as it was sent or received. */
export interface Passed {
  direction: '->' | '<-';
  data: string | Uint8Array;
}

/** The numbers of messages of an open socket. */
export interface Passage {
  sent: number;
  received: number;
}

/** The messages of all sockets of one client, in order. */
export class Tap {
  readonly passed: Passed[] = [];
  /** The code each socket was closed with. */
  readonly closes: number[] = [];
  /** The open sockets. */
  readonly open = new Set<Passage>();
  readonly transport: WebSocketTransport;

  constructor() {
    const { passed, closes, open } = this;
    this.transport = class extends WebSocket {
      readonly #passage: Passage = { sent: 0, received: 0 };

      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols);
        this.on('message', (data, isBinary) => {
          const bytes = bytesOf(data);
          const text = () => Buffer.from(bytes).toString();
          passed.push({ direction: '<-', data: isBinary ? bytes : text() });
          this.#passage.received += 1;
        });
        this.on('open', () => open.add(this.#passage));
        this.on('close', (code) => {
          open.delete(this.#passage);
          closes.push(code);
        });
      }

      override send(data: WebSocket.Data): void {
        passed.push({ direction: '->', data: typeof data === 'string' ? data : bytesOf(data) });
        this.#passage.sent += 1;
        super.send(data);
      }
    };
  }
}

function bytesOf(data: WebSocket.Data): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (Array.isArray(data)) return Buffer.concat(data);
  return Uint8Array.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
}
