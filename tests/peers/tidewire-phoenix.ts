/** tidewire against Phoenix. */
import {
  type Ack,
  type Channel,
  createRealtimeClient,
  type RealtimeClient,
  type RealtimeError,
  type Sent,
} from 'tidewire';
import type { Adapter, Answer, ChannelState, Peer, PeerChannel, PeerOptions } from './peer.js';
import { options } from './tidewire-options.js';

export const tidewirePhoenix: Adapter = {
  name: 'tidewire',
  traits: {
    lateChanges: 'rejoins',
    afterPolicyClose: 'joins again',
  },
  open: (given) => new TidewirePeer(given),
};

class TidewirePeer implements Peer {
  readonly #client: RealtimeClient;

  constructor(given: PeerOptions) {
    const { origin, vsn, token } = given;
    this.#client = createRealtimeClient({
      ...options(given),
      protocol: 'phoenix',
      url: `${origin}/socket`,
      vsn,
      ...(token !== undefined && { getToken: () => token }),
    });
    void this.#client.connect();
  }

  channel(topic: string, config: object = {}): PeerChannel {
    return new TidewireChannel(this.#client, topic, config);
  }

  isConnected(): boolean {
    return this.#client.isReady();
  }

  setToken(): Promise<void> {
    throw Error('Phoenix has no tokens of channels.');
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }
}

class TidewireChannel implements PeerChannel {
  readonly #client: RealtimeClient;
  readonly #topic: string;
  readonly #config: object;
  readonly #states: ((state: ChannelState) => void)[] = [];
  readonly #listeners: ((handle: Channel) => void)[] = [];
  #handle: Channel | undefined;
  #reply: unknown = {};

  constructor(client: RealtimeClient, topic: string, config: object) {
    this.#client = client;
    this.#topic = topic;
    this.#config = config;
  }

  on(event: string, callback: (payload: unknown) => void): void {
    this.#listen((handle) => handle.on(event, (payload) => callback(payload)));
  }

  onChanges(): never {
    throw Error('Phoenix has no database changes.');
  }

  onSystem(): never {
    throw Error('Phoenix has no system messages.');
  }

  onPresence(callback: () => void): void {
    this.#listen(({ presence }) => {
      presence.on('sync', callback);
      for (const event of ['join', 'update', 'leave'] as const) presence.on(event, callback);
    });
  }

  onState(callback: (state: ChannelState) => void): void {
    this.#states.push(callback);
  }

  join(): Promise<Answer> {
    return new Promise((resolve) => {
      this.#client.on('channel', ({ channel, state, reason, error }) => {
        if (channel !== this.#topic) return;
        if (reason === 'join_timeout') {
          resolve({ status: 'timeout' });
          this.#notify('timed out');
        } else if (state === 'ready') {
          // The server's reply to the join is delivered right after the state.
          queueMicrotask(() => resolve({ status: 'ok', response: this.#reply }));
          this.#notify('joined');
        } else if (state === 'failed' || state === 'left') {
          resolve({ status: 'error', response: error && reasonOf(error) });
          this.#notify('closed');
        } else if (/join_refused|ended|down/.test(reason)) {
          if (error) resolve({ status: 'error', response: reasonOf(error) });
          this.#notify('errored');
        }
      });
      this.#handle = this.#client.channel(this.#topic, { params: this.#config });
      this.#handle.on('phx_join', (reply) => {
        this.#reply = reply;
      });
      for (const listen of this.#listeners) listen(this.#handle);
    });
  }

  push(event: string, payload: unknown): Promise<Answer> {
    return answer(this.#client.send(this.#topic, payload, { event, ack: true }));
  }

  track(meta: Record<string, unknown>): Promise<Answer> {
    return this.push('update', meta);
  }

  untrack(): never {
    throw Error('With Phoenix the server untracks.');
  }

  present() {
    const state = this.#handle?.presence.state ?? new Map();
    return Object.fromEntries([...state].map(([key, metas]) => [key, [...metas]]));
  }

  leave(): Promise<Answer> {
    return new Promise((resolve) => {
      this.#client.on('channel', ({ channel, state }) => {
        if (channel === this.#topic && state === 'left') resolve({ status: 'ok' });
      });
      this.#handle?.release();
    });
  }

  #listen(listen: (handle: Channel) => void): void {
    this.#listeners.push(listen);
    if (this.#handle) listen(this.#handle);
  }

  #notify(state: ChannelState): void {
    for (const callback of this.#states) callback(state);
  }
}

/** The reason of a rejected join, as the server sent it. */
const reasonOf = ({ cause }: RealtimeError) => ({ reason: (cause as Error | undefined)?.message });

/** The cause of an error, as the server sent it: JSON, or a code. */
function responseOf(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return { reason: message };
  }
}

const answer = (sent: Sent): Promise<Answer> =>
  sent.acked.then(
    ({ payload }: Ack) => ({ status: 'ok', response: payload }),
    ({ code, cause }: RealtimeError) => ({
      status: code === 'ack_timeout' ? 'timeout' : 'error',
      response: responseOf((cause as Error | undefined)?.message ?? ''),
    }),
  );
