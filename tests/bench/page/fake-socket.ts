/**
 * A WebSocket without a network, loaded before the library: frames are delivered synchronously and in bulk, so that
 * the time of thousands of them can be measured without the browser's own.
 */
import type { Dialect, Session } from '../dialects/dialect.js';

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void } | null;

/** What the sockets of a page share. */
interface Sockets {
  /** The protocol of the sockets that are opened from now on. */
  dialect: Dialect | undefined;
  /** The one that was opened last. */
  latest: FakeSocket | undefined;
}

export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  static readonly shared: Sockets = { dialect: undefined, latest: undefined };

  readyState: number = FakeSocket.CONNECTING;
  binaryType = 'blob';
  bufferedAmount = 0;
  readonly extensions = '';
  readonly protocol: string;
  readonly url: string;

  onopen: Listener = null;
  onmessage: Listener = null;
  onclose: Listener = null;
  onerror: Listener = null;
  readonly #listeners = new Map<string, Listener[]>();

  readonly #session: Session;
  /** Frames that the server has not processed. */
  #unanswered: (string | Uint8Array)[] = [];
  #isPaused = false;

  constructor(url: string | URL, protocols: string | string[] = []) {
    const { dialect } = FakeSocket.shared;
    if (!dialect) throw Error('A socket was opened before its dialect was chosen.');
    this.url = String(url);
    this.protocol = [protocols].flat()[0] ?? '';
    this.#session = dialect.connect();
    FakeSocket.shared.latest = this;
    setTimeout(() => {
      this.readyState = FakeSocket.OPEN;
      this.#dispatch(new Event('open'));
      this.deliver(this.#session.greeting.map(messageEvent));
    });
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  removeEventListener(type: string, listener: Listener): void {
    const others = (this.#listeners.get(type) ?? []).filter((other) => other !== listener);
    this.#listeners.set(type, others);
  }

  send(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#unanswered.push(frameOf(data));
    if (!this.#isPaused && this.#unanswered.length === 1) setTimeout(() => this.answer());
  }

  close(code = 1000): void {
    this.readyState = FakeSocket.CLOSED;
    setTimeout(() => this.#dispatch(new CloseEvent('close', { code, wasClean: true })));
  }

  /** Makes the server process no frames until {@link answer}. */
  pauseServer(): void {
    this.#isPaused = true;
  }

  /**
   * Makes the server process the frames that were sent, and delivers its replies. Returns the number of published
   * messages, which are not delivered.
   */
  answer(): number {
    this.#isPaused = false;
    const frames = this.#unanswered;
    this.#unanswered = [];
    let published = 0;
    for (const frame of frames) {
      const reaction = this.#session.react(frame);
      published += reaction.published.length;
      this.deliver(reaction.replies.map(messageEvent));
    }
    return published;
  }

  /** Calls the listeners with each event synchronously. */
  deliver(events: readonly MessageEvent[]): void {
    const listeners = [this.onmessage, ...(this.#listeners.get('message') ?? [])]
      .filter((listener) => listener !== null)
      .map((given) => (typeof given === 'function' ? given : given.handleEvent.bind(given)));
    const [only] = listeners;
    if (listeners.length === 1 && only) {
      for (const event of events) only(event);
      return;
    }
    for (const event of events) for (const listener of listeners) listener(event);
  }

  #dispatch(event: Event): void {
    const own = this[`on${event.type}` as 'onopen'];
    for (const listener of [own, ...(this.#listeners.get(event.type) ?? [])]) {
      if (typeof listener === 'function') listener.call(this, event);
      else listener?.handleEvent(event);
    }
  }
}

/** The event of a frame, as the browser makes it. */
export function messageEvent(data: string): MessageEvent {
  return new MessageEvent('message', { data });
}

function frameOf(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
