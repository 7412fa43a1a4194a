/** The baseline: `JSON.parse`, a `Map` and a callback, without a library. It guarantees nothing. */
import { PlainDialect } from '../dialects/plain.js';
import type { Client, Library, Payload, Receive, Subscription } from './library.js';

class BaselineClient implements Client {
  readonly #origin: string;
  readonly #channels = new Map<string, Receive>();
  #socket: WebSocket;

  constructor(origin: string) {
    this.#origin = origin;
    this.#socket = this.#open();
  }

  async subscribe(channel: string, receive: Receive): Promise<Subscription> {
    this.#channels.set(channel, receive);
    if (this.#socket.readyState === WebSocket.OPEN) this.#join(channel);
    return { end: () => this.#channels.delete(channel) };
  }

  send(channel: string, payload: Payload): void {
    this.#socket.send(JSON.stringify({ type: 'message', channel, payload }));
  }

  until(): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState === WebSocket.OPEN) return Promise.resolve();
    return new Promise((opened) => socket.addEventListener('open', () => opened()));
  }

  #open(): WebSocket {
    const socket = new WebSocket(this.#origin);
    socket.onopen = () => {
      for (const channel of this.#channels.keys()) this.#join(channel);
    };
    socket.onmessage = ({ data }) => {
      const { channel, payload } = JSON.parse(data) as { channel: string; payload: Payload };
      this.#channels.get(channel)?.(payload);
    };
    // Without backoff, which would overload a server with many clients.
    socket.onclose = () => {
      this.#socket = this.#open();
    };
    return socket;
  }

  #join(channel: string): void {
    this.#socket.send(JSON.stringify({ type: 'subscribe', channel }));
  }
}

export const library: Library = {
  dialect: () => new PlainDialect(),
  async connect(origin) {
    const client = new BaselineClient(origin);
    await client.until();
    return client;
  },
};
