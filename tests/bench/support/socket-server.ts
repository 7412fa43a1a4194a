/** A real server of a protocol. It sends every message back to its sender, and one to each channel that is joined. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Dialect } from '../dialects/dialect.js';

/** Returns the time in milliseconds, by the same clock as in pages. */
export const now = (): number => performance.timeOrigin + performance.now();

export class SocketServer {
  readonly #dialect: Dialect;
  #server: WebSocketServer;
  #port = 0;
  /** The number of the last interruption, which the messages to joined channels contain. */
  #interruptions = 0;

  private constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#server = this.#listen();
  }

  static async start(dialect: Dialect): Promise<SocketServer> {
    const server = new SocketServer(dialect);
    await once(server.#server, 'listening');
    server.#port = (server.#server.address() as AddressInfo).port;
    return server;
  }

  get port(): number {
    return this.#port;
  }

  get origin(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** Cuts all connections, as a proxy that restarts; returns the time. */
  drop(): number {
    this.#interruptions++;
    for (const socket of this.#server.clients) socket.terminate();
    return now();
  }

  /** Stops for so long, in which connections are refused; returns the time when it accepts them again. */
  async restart(awayMs: number): Promise<number> {
    this.drop();
    this.#server.close();
    await once(this.#server, 'close');
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    this.#server = this.#listen();
    await once(this.#server, 'listening');
    return now();
  }

  stop(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #listen(): WebSocketServer {
    const server = new WebSocketServer({ host: '127.0.0.1', port: this.#port });
    server.on('connection', (socket) => this.#serve(socket));
    return server;
  }

  #serve(socket: WebSocket): void {
    const session = this.#dialect.connect();
    for (const frame of session.greeting) socket.send(frame);
    socket.on('error', () => {});
    socket.on('message', (data: Buffer, isBinary) => {
      const { replies, joined, published } = session.react(isBinary ? data : data.toString());
      for (const frame of replies) socket.send(frame);
      for (const channel of joined) {
        socket.send(this.#dialect.message(channel, { n: this.#interruptions }));
      }
      for (const { channel, payload, id } of published) {
        socket.send(this.#dialect.message(channel, payload, id));
      }
    });
  }
}
