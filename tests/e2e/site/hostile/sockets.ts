/** A WebSocket of the page whose servers are in the page too. */

/** The kinds of servers, by the names of their hosts. */
export const SERVERS = ['extended', 'base', 'phoenix', 'supabase'] as const;
export type ServerKind = (typeof SERVERS)[number];

type Frame = Record<string, unknown>;

/** Sends to one socket. */
type Send = (text: string | ArrayBuffer) => void;

const FEATURES = [
  'subscribe',
  'seq',
  'envelope',
  'ack',
  'reauth',
  'ephemeral',
  'presence',
  'batch',
  'deflate',
];

/** One server. */
export class Server {
  /** Connections that are open. */
  readonly open = new Set<Send>();
  /** Returns the payload of an acknowledgement as a JSON text; `undefined` for none. */
  answer: () => string | undefined = () => undefined;
  /** The last reference and the last message's id, for frames that refer to them. */
  last = { reference: 0 as unknown, id: '' as unknown, joinRef: null as unknown };
  readonly #sequences = new Map<string, number>();
  #presences = 0;

  constructor(readonly kind: ServerKind) {}

  /** Sends it to every connection. */
  send(data: string | ArrayBuffer): void {
    for (const send of this.open) send(data);
  }

  /** Returns the next sequence number of a channel. */
  nextSequence(channel: string): number {
    const sequence = (this.#sequences.get(channel) ?? 0) + 1;
    this.#sequences.set(channel, sequence);
    return sequence;
  }

  /** Sends a valid message. */
  message(channel: string, payload: unknown): void {
    const event = 'chat';
    switch (this.kind) {
      case 'extended': {
        const seq = this.nextSequence(channel);
        const id = `${channel}-${seq}`;
        this.send(
          JSON.stringify({ type: 'channel_message', channel, id, epoch: 'e', seq, event, payload }),
        );
        break;
      }
      case 'base':
        this.send(JSON.stringify({ type: 'channel_message', channel, payload }));
        break;
      case 'phoenix':
        this.send(JSON.stringify([null, null, channel, event, { payload }]));
        break;
      case 'supabase':
        this.send(
          JSON.stringify([
            null,
            null,
            `realtime:${channel}`,
            'broadcast',
            { type: 'broadcast', event, payload: { payload } },
          ]),
        );
    }
  }

  /** Processes what a client sends. */
  receive(send: Send, data: unknown): void {
    if (typeof data !== 'string') return;
    const frames = JSON.parse(data) as Frame | Frame[];
    if (this.kind === 'phoenix' || this.kind === 'supabase') {
      this.#phoenix(send, frames as unknown as unknown[]);
    } else for (const frame of [frames].flat()) this.#native(send, frame);
  }

  #native(send: Send, { type, channel, ref, id, since, ack }: Frame): void {
    const answer = (frame: Frame): void => send(JSON.stringify(frame));
    const name = String(channel);
    if (ref !== undefined) this.last.reference = ref;
    switch (type) {
      case 'auth': {
        const features = this.kind === 'extended' ? { features: FEATURES, user: 'ann' } : {};
        answer({ type: 'auth_success', connectionId: 'c', ...features });
        break;
      }
      case 'ping':
        answer({ type: 'pong' });
        break;
      case 'subscribe': {
        const seq = this.#sequences.get(name) ?? 0;
        const recovered = !!since;
        answer({ type: 'subscribed', channel, ref, epoch: 'e', seq, head: seq, recovered });
        answer({ type: 'presence_state', channel, state: {} });
        break;
      }
      case 'unsubscribe':
        answer({ type: 'unsubscribed', channel, ref });
        break;
      case 'recover':
        answer({ type: 'recovered', channel, ref, complete: false });
        break;
      case 'presence':
        this.#presences += 1;
        answer({ type: 'presence_ok', channel, ref, key: 'me', presence: `p${this.#presences}` });
        break;
      case 'channel_message': {
        this.last.id = id;
        if (!ack) break;
        const payload = this.answer();
        const head = JSON.stringify({ type: 'ack', channel, id, status: 'ok' });
        send(payload === undefined ? head : `${head.slice(0, -1)},"payload":${payload}}`);
      }
    }
  }

  #phoenix(send: Send, [joinRef, ref, topic, event, payload]: unknown[]): void {
    this.last = { reference: ref, id: ref, joinRef };
    let response: unknown = {};
    if (event === 'phx_join' && this.kind === 'supabase') {
      const { config } = payload as { config: { postgres_changes?: object[] } };
      const changes = config.postgres_changes ?? [];
      response = { postgres_changes: changes.map((filter, at) => ({ id: at + 1, ...filter })) };
    }
    send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response }]));
    if (event !== 'phx_join' || this.kind !== 'supabase') return;
    const live = { extension: 'postgres_changes', status: 'ok', message: 'Subscribed' };
    send(JSON.stringify([joinRef, null, topic, 'system', live]));
    send(JSON.stringify([joinRef, null, topic, 'presence_state', {}]));
  }
}

/** The servers of the page. */
export const servers: Record<ServerKind, Server> = {
  extended: new Server('extended'),
  base: new Server('base'),
  phoenix: new Server('phoenix'),
  supabase: new Server('supabase'),
};

class PageSocket extends EventTarget {
  readyState = 0;
  binaryType = 'blob';
  readonly bufferedAmount = 0;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: Event) => void) | null = null;
  onclose: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readonly #server: Server;
  /** Delivers each message in a microtask of its own, in order. */
  readonly #send: Send = (data) => {
    this.#later(() => this.#fire(new MessageEvent('message', { data })));
  };

  constructor(readonly url: string) {
    super();
    const { hostname } = new URL(url);
    this.#server = servers[hostname as ServerKind] ?? servers.base;
    setTimeout(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.#server.open.add(this.#send);
      this.#fire(new Event('open'));
    });
  }

  send(data: unknown): void {
    if (this.readyState === 1) this.#server.receive(this.#send, data);
  }

  close(code = 1000): void {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.#server.open.delete(this.#send);
    queueMicrotask(() => {
      this.readyState = 3;
      this.#fire(new CloseEvent('close', { code, wasClean: true }));
    });
  }

  #later(work: () => void): void {
    queueMicrotask(() => {
      if (this.readyState === 1) work();
    });
  }

  #fire(event: Event): void {
    this[`on${event.type}` as 'onopen']?.(event);
    this.dispatchEvent(event);
  }
}

/** Replaces the browser's WebSocket. */
export function replaceSockets(): void {
  window.WebSocket = PageSocket as unknown as typeof WebSocket;
}
