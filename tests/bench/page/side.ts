/** One side of a comparison: a client with its socket and its inbox. */
import type { Dialect } from '../dialects/dialect.js';
import type { Client, Library, Payload } from '../libraries/library.js';
import { type FakeSocket, messageEvent } from './fake-socket.js';
import { Inbox } from './inbox.js';
import { CONFIRMED, channelName, channelOf, payloadOf } from './payload.js';

/** The class that the page installed before it loaded the library. */
const { FakeSocket: Installed } = globalThis as unknown as { FakeSocket: typeof FakeSocket };

/** How a message is sent: with the library's confirmation where it has one. */
export type Confirmation = 'unconfirmed' | 'confirmed';

export class Side {
  readonly dialect: Dialect;
  readonly client: Client;
  readonly socket: FakeSocket;
  readonly #channels: number;
  readonly #inbox: Inbox;
  #made = 0;
  #events: MessageEvent[] = [];
  #payloads: Payload[] = [];

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

  /** Makes so many new messages, to be delivered by {@link deliver}. */
  makeMessages(count: number, bytes: number): void {
    this.#events = Array.from({ length: count }, () => {
      const n = this.#made++;
      const payload = payloadOf(n, bytes);
      return messageEvent(this.dialect.message(channelOf(n, this.#channels), payload));
    });
  }

  /** Delivers the messages; resolves with the callback of the last one. */
  async deliver(): Promise<void> {
    const events = this.#events;
    if (events.length) await this.#inbox.expect(events.length, () => this.socket.deliver(events));
  }

  /** Makes so many new payloads, to be sent by {@link send}, and pauses the server. */
  makePayloads(count: number, bytes: number): void {
    this.#payloads = Array.from({ length: count }, () => payloadOf(this.#made++, bytes));
    this.socket.pauseServer();
  }

  /** Sends the payloads; resolves once the last frame was passed to the socket. */
  async send(confirmation: Confirmation): Promise<void> {
    const { client } = this;
    if (confirmation === 'unconfirmed' || !client.sendConfirmed) {
      for (const payload of this.#payloads) client.send(channelName(0), payload);
    } else {
      for (const payload of this.#payloads) client.sendConfirmed(CONFIRMED, payload);
    }
    // A client may send frames in a task of its own.
    await nextTask();
  }

  /** Makes the server reply to what was sent. */
  async answer(): Promise<void> {
    const published = this.socket.answer();
    const sent = this.#payloads.length;
    if (published !== sent) throw Error(`${sent} messages were sent, ${published} were published.`);
    await nextTask();
  }
}

const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
