/**
 * The page's side of the tests: records what the client emits, so that a test can read it as data. It
 * uses only what the package exports.
 */
import * as tidewire from 'tidewire';
import { Board, type BoardOptions } from './board.js';
import { Room } from './room.js';

/** An error as data. */
export interface Failure {
  code: string;
  message: string;
  hint: string;
  channel?: string;
  retryable: boolean;
}

/** A change of the connection, with the time by `performance.now()`. */
export interface Change {
  state: tidewire.State;
  from: tidewire.State;
  reason: string;
  at: number;
}

/** A message as a subscriber received it. */
export interface Received {
  by: string;
  message: unknown;
  meta: tidewire.MessageMeta;
}

/** The state of a send. */
export interface SendReport {
  id: string;
  status: tidewire.SentStatus;
  ack?: tidewire.Ack;
  failure?: Failure;
}

type Outcome = Pick<SendReport, 'ack' | 'failure'>;

/** Options that can be serialized into the page. */
export type PlainOptions = Omit<tidewire.ClientOptions, 'url' | 'getToken' | 'logger' | 'wasm'> & {
  url?: string;
};

const asFailure = (error: unknown): Failure => {
  const { code, message, hint, channel, retryable } = error as tidewire.RealtimeError;
  return { code, message, hint, retryable, ...(channel !== undefined && { channel }) };
};

class Kit {
  client: tidewire.RealtimeClient = tidewire.realtimeClient;
  readonly changes: Change[] = [];
  readonly errors: Failure[] = [];
  readonly logs: string[] = [];
  readonly inbox: Received[] = [];
  readonly gaps: tidewire.Gap[] = [];
  /** What `options.onError` received, by subscriber. */
  readonly rejections: Record<string, Failure[]> = {};
  /** What `options.onGap` received, by subscriber. */
  readonly losses: Record<string, tidewire.Gap[]> = {};
  readonly #subscriptions = new Map<string, () => void>();
  #room: Room | undefined;
  readonly #boards = new Map<string, Board>();
  readonly #sends = new Map<string, { sent: tidewire.Sent; report: Outcome }>();

  /** Creates the client; with `hasTokens` its tokens come from the test. */
  make(options: PlainOptions, hasTokens: boolean): void {
    this.client = tidewire.createRealtimeClient({
      ...options,
      ...(hasTokens && { getToken: () => window.giveToken() }),
      logger: (record) => this.logs.push(JSON.stringify(record)),
    });
    this.client.on('state', (state, { from, reason }) =>
      this.changes.push({ state, from, reason, at: performance.now() }),
    );
    this.client.on('error', (error) => this.errors.push(asFailure(error)));
    this.client.on('gap', (gap) => this.gaps.push(gap));
  }

  /** Subscribes; returns the thrown error. */
  subscribe(by: string, channel: string, options: tidewire.ChannelOptions = {}): Failure | null {
    const rejections: Failure[] = [];
    const losses: tidewire.Gap[] = [];
    this.rejections[by] = rejections;
    this.losses[by] = losses;
    const onError = (error: tidewire.RealtimeError) => rejections.push(asFailure(error));
    const onGap = (gap: tidewire.Gap) => losses.push(gap);
    try {
      const unsubscribe = this.client.subscribe(
        channel,
        { ...options, onError, onGap },
        (message, meta) => this.inbox.push({ by, message, meta }),
      );
      this.#subscriptions.set(by, unsubscribe);
      return null;
    } catch (error) {
      return asFailure(error);
    }
  }

  unsubscribe(by: string): void {
    this.#subscriptions.get(by)?.();
  }

  /** Sends; returns the thrown error. */
  send(
    name: string,
    channel: string,
    message: unknown,
    options?: tidewire.SendOptions,
  ): Failure | null {
    return this.attempt(() => {
      const sent = this.client.send(channel, message, options);
      const report: Outcome = {};
      this.#sends.set(name, { sent, report });
      sent.acked.then(
        (ack) => {
          report.ack = ack;
        },
        (error) => {
          report.failure = asFailure(error);
        },
      );
    });
  }

  /** Sends `{"s": 1}`, `{"s": 2}` and so on, as `CHANNEL-1` and so on, at this interval. */
  async sendNumbers(channel: string, count: number, everyMs: number): Promise<void> {
    for (let s = 1; s <= count; s++) {
      this.send(`${channel}-${s}`, channel, { s });
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  sendReport(name: string): SendReport {
    const entry = this.#sends.get(name);
    if (!entry) throw Error(`nothing was sent as ${name}`);
    return { id: entry.sent.id, status: entry.sent.status, ...entry.report };
  }

  /** The reports of what {@link sendNumbers} has sent on a channel so far, in that order. */
  sendReports(channel: string): SendReport[] {
    const names = [...this.#sends.keys()].filter((name) => name.startsWith(`${channel}-`));
    return names.map((name) => this.sendReport(name));
  }

  /** Runs `work`; returns the thrown error. */
  attempt(work: () => unknown): Failure | null {
    try {
      work();
      return null;
    } catch (error) {
      return asFailure(error);
    }
  }

  /** Opens the collection of a channel. */
  openBoard(channel: string, options: BoardOptions): void {
    this.#boards.set(channel, new Board(this.client, channel, options));
  }

  board(channel: string): Board {
    const board = this.#boards.get(channel);
    if (!board) throw Error(`there is no collection of ${channel}`);
    return board;
  }

  /** Opens a handle whose presence and typing are recorded. */
  openRoom(channel: string): void {
    this.#room = new Room(this.client, channel);
  }

  get room(): Room {
    if (!this.#room) throw Error('no room is open');
    return this.#room;
  }

  /** Simulates that the tab is hidden or shown. */
  setVisible(visible: boolean): void {
    const state = visible ? 'visible' : 'hidden';
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => !visible });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }

  /** Simulates that the network is lost or restored. */
  setOnline(online: boolean): void {
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => online });
    window.dispatchEvent(new Event(online ? 'online' : 'offline'));
  }

  /** Moves the page's clock ahead, as after the device slept. */
  jumpClock(ms: number): void {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ms;
  }
}

declare global {
  interface Window {
    kit: Kit;
    tidewire: typeof tidewire;
    giveToken(): Promise<tidewire.TokenAnswer>;
  }
}

window.tidewire = tidewire;
window.kit = new Kit();

export type { Kit };
