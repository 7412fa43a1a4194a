/** A WebSocket server that sends exactly what a test specifies, valid or not. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A frame of a client. */
export type ClientFrame = Record<string, unknown> & { type: string };

/** Reacts to a frame of a client. */
export type Answer = (frame: ClientFrame, server: RawServer) => void;

export class RawServer {
  /** The subprotocols offered, by connection. */
  readonly offered: string[][] = [];
  /** The requested addresses, by connection. */
  readonly addresses: string[] = [];
  /** All frames of all connections. */
  readonly frames: ClientFrame[] = [];
  readonly #server: WebSocketServer;
  readonly #answer: Answer;
  #socket: WebSocket | undefined;

  private constructor(server: WebSocketServer, answer: Answer) {
    this.#server = server;
    this.#answer = answer;
    server.on('connection', (socket, request) => {
      this.#socket = socket;
      this.addresses.push(request.url ?? '');
      this.offered.push((request.headers['sec-websocket-protocol'] ?? '').split(/, */));
      socket.on('message', (data) => {
        const parsed = JSON.parse(data.toString()) as ClientFrame | ClientFrame[];
        for (const frame of [parsed].flat()) {
          this.frames.push(frame);
          this.#answer(frame, this);
        }
      });
    });
  }

  /** Starts it; `answer` is given each frame of the client. */
  static async start(answer: Answer = welcome()): Promise<RawServer> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      handleProtocols: (offered) => (offered.has('jwt') ? 'jwt' : false),
    });
    await once(server, 'listening');
    return new RawServer(server, answer);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/socket`;
  }

  /** Sends a frame to the last client. */
  send(frame: object): void {
    this.raw(JSON.stringify(frame));
  }

  /** Sends it as it is, to the last client. */
  raw(data: string | Uint8Array): void {
    this.#socket?.send(data);
  }

  /** Sends it as it is, to all clients. */
  sendToAll(data: string): void {
    for (const socket of this.#server.clients) socket.send(data);
  }

  /** Closes the last client's connection. */
  close(code: number): void {
    this.#socket?.close(code);
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A server that admits every client, answers pings and confirms every join. */
export function welcome(
  features?: string[],
): (frame: ClientFrame, server: Pick<RawServer, 'send'>) => void {
  return ({ type, channel, ref }, server) => {
    if (type === 'auth') {
      server.send({ type: 'auth_success', connectionId: 'c1', ...(features && { features }) });
    }
    if (type === 'ping') server.send({ type: 'pong' });
    if (type === 'subscribe') server.send({ type: 'subscribed', channel, ref, epoch: 'e', seq: 0 });
  };
}
