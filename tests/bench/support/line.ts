/**
 * A slow line in front of a server on this machine: a delay each way, a rate that all connections share, and the round
 * trip that opening a connection takes. The browser's own emulation does not cover WebSockets.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface LineOptions {
  /** Milliseconds there and back. */
  roundTripMs: number;
  /** Bits per second from the server, for all connections together. */
  bitsPerSecond: number;
}

export class Line {
  readonly #options: LineOptions;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  /** The time when the line will have transmitted everything so far. */
  #freeAt = 0;
  /** Bytes transmitted to the browser. */
  bytes = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Puts the line in front of a port; returns the port to connect to. */
  async to(port: number): Promise<number> {
    const server = createServer((near) => this.#carry(near, port));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(near: Socket, port: number): void {
    const { roundTripMs } = this.#options;
    const far = connect(port, '127.0.0.1');
    const openAt = performance.now() + roundTripMs;
    const later = (ms: number, work: () => void) => setTimeout(work, Math.max(0, ms));
    near.setNoDelay();
    far.setNoDelay();
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    }
    near.on('data', (chunk) => {
      const wait = Math.max(0, openAt - performance.now());
      later(wait + roundTripMs / 2, () => far.write(chunk));
    });
    far.on('data', (chunk) => {
      this.bytes += chunk.length;
      const start = Math.max(performance.now(), this.#freeAt);
      this.#freeAt = start + (chunk.length * 8_000) / this.#options.bitsPerSecond;
      later(this.#freeAt - performance.now() + roundTripMs / 2, () => near.write(chunk));
    });
    near.on('close', () => later(roundTripMs, () => far.destroy()));
    far.on('close', () => later(roundTripMs, () => near.destroy()));
  }
}
