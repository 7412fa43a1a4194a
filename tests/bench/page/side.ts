/** One side of a comparison: a client with its socket and its inbox. */
import type { Dialect } from '../dialects/dialect.js';
import type { Client, Library, Payload } from '../libraries/library.js';
import { type FakeSocket, messageEvent } from './fake-socket.js';
import { Inbox } from './inbox.js';
import { CONFIRMED, channelName, channelOf, payloadOf } from './payload.js';

/** The class that the page installed before it loaded the library. */
const { FakeSocket: Installed } = globalThis as unknown as { FakeSocket: typeof FakeSocket };

/** How many messages are sent before the server answers: fewer than any client's queue has room for. */
const SENDS_AT_ONCE = 500;

export class Side {
  readonly dialect: Dialect;
  readonly client: Client;
  readonly socket: FakeSocket;
  readonly #channels: number;
  readonly #inbox: Inbox;
  #made = 0;

  private constructor(
    dialect: Dialect,
    client: Client,
    socket: FakeSocket,
    channels: number,
    inbox: Inbox,
  ) {
    this.dialect = dialect;
    this.client = client;
    this.socket = socket;
    this.#channels = channels;
    this.#inbox = inbox;
  }

  /** Connects a client and subscribes it to so many channels. */
  static async connect(library: Library, channels: number): Promise<Side> {
    const dialect = library.dialect();
    Installed.shared.dialect = dialect;
    const client = await library.connect('ws://127.0.0.1');
    const inbox = new Inbox();
    const names = Array.from({ length: channels }, (_, number) => channelName(number));
    await Promise.all(names.map((name) => client.subscribe(name, inbox.receive)));
    await client.subscribe(CONFIRMED, () => {});
    const { latest } = Installed.shared;
    if (!latest) throw Error('The library opened no socket.');
    return new Side(dialect, client, latest, channels, inbox);
  }

  /** New messages as events, made before the time is taken. */
  events(count: number, bytes: number): MessageEvent[] {
    return Array.from({ length: count }, () => {
      const n = this.#made++;
      const payload = payloadOf(n, bytes);
      return messageEvent(this.dialect.message(channelOf(n, this.#channels), payload));
    });
  }

  /** The milliseconds from the first event to the callback of the last message. */
  async receive(events: readonly MessageEvent[]): Promise<number> {
    const startedAt = performance.now();
    const endedAt = await this.#inbox.after(events.length, () => this.socket.deliver(events));
    return endedAt - startedAt;
  }

  /** New payloads, made before the time is taken. */
  payloads(count: number, bytes: number): Payload[] {
    return Array.from({ length: count }, () => payloadOf(this.#made++, bytes));
  }

  /** The milliseconds from the first call to the hand-over of the last frame. */
  async send(payloads: readonly Payload[], send: (payload: Payload) => unknown): Promise<number> {
    let tookMs = 0;
    for (let from = 0; from < payloads.length; from += SENDS_AT_ONCE) {
      const some = payloads.slice(from, from + SENDS_AT_ONCE);
      this.socket.hold();
      const startedAt = performance.now();
      for (const payload of some) send(payload);
      // A client may hand frames over later.
      await task();
      tookMs += this.socket.lastSendAt - startedAt;
      const published = this.socket.answer();
      if (published !== some.length) {
        throw Error(`${some.length} messages were sent, ${published} were handed over.`);
      }
      await task();
    }
    return tookMs;
  }
}

/** Ends after all tasks that are due. */
async function task(): Promise<void> {
  for (let left = 2; left > 0; left--) await new Promise((resolve) => setTimeout(resolve));
}
