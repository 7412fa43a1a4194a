/** The npm package `phoenix`. */
import { type Channel, Presence, type Push, Socket, type SocketConnectOption } from 'phoenix';
import type { Adapter, Answer, ChannelState, Peer, PeerChannel, PeerOptions } from './peer.js';

/** The delay of reconnects and rejoins: shorter than in production, where delays protect the server. */
const SOON_MS = 30;

export const officialPhoenix: Adapter = {
  name: 'phoenix',
  traits: {
    lateChanges: 'throws',
    afterPolicyClose: 'stays closed',
  },
  open: (options) => new PhoenixPeer(options),
};

class PhoenixPeer implements Peer {
  readonly #socket: Socket;

  constructor({ origin, transport, vsn, token, heartbeatMs, timeoutMs }: PeerOptions) {
    const options: Partial<SocketConnectOption> = {
      transport,
      vsn,
      heartbeatIntervalMs: heartbeatMs,
      timeout: timeoutMs,
      reconnectAfterMs: () => SOON_MS,
      rejoinAfterMs: () => SOON_MS,
    };
    if (token !== undefined) options.authToken = token;
    this.#socket = new Socket(`${origin.replace('http', 'ws')}/socket`, options);
    this.#socket.connect();
  }

  channel(topic: string, config: object = {}): PeerChannel {
    return new PhoenixChannel(this.#socket.channel(topic, config));
  }

  isConnected(): boolean {
    return this.#socket.isConnected();
  }

  setToken(): Promise<void> {
    throw Error('Phoenix has no tokens of channels.');
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.disconnect(resolve, 1000));
  }
}

class PhoenixChannel implements PeerChannel {
  readonly #channel: Channel;
  readonly #states: ((state: ChannelState) => void)[] = [];
  #presence: Presence | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.onError(() => this.#notify('errored'));
    channel.onClose(() => this.#notify('closed'));
  }

  on(event: string, callback: (payload: unknown) => void): void {
    this.#channel.on(event, callback);
  }

  onChanges(): never {
    throw Error('Phoenix has no database changes.');
  }

  onSystem(): never {
    throw Error('Phoenix has no system messages.');
  }

  onPresence(callback: () => void): void {
    this.#presence ??= new Presence(this.#channel);
    this.#presence.onSync(callback);
  }

  onState(callback: (state: ChannelState) => void): void {
    this.#states.push(callback);
  }

  join(): Promise<Answer> {
    const push = this.#channel.join();
    push.receive('ok', () => this.#notify('joined'));
    push.receive('timeout', () => this.#notify('timed out'));
    return answer(push);
  }

  push(event: string, payload: unknown): Promise<Answer> {
    return answer(this.#channel.push(event, payload as object));
  }

  track(meta: Record<string, unknown>): Promise<Answer> {
    return this.push('update', meta);
  }

  untrack(): never {
    throw Error('With Phoenix the server untracks.');
  }

  present() {
    const entries = this.#presence?.list((key, { metas }) => [key, metas.map(withoutRefs)]) ?? [];
    return Object.fromEntries(entries);
  }

  leave(): Promise<Answer> {
    return answer(this.#channel.leave());
  }

  #notify(state: ChannelState): void {
    for (const callback of this.#states) callback(state);
  }
}

function answer(push: Push): Promise<Answer> {
  return new Promise((resolve) => {
    for (const status of ['ok', 'error', 'timeout'] as const) {
      push.receive(status, (response) => resolve({ status, response }));
    }
  });
}

function withoutRefs({ phx_ref, phx_ref_prev, ...meta }: Record<string, unknown>) {
  return meta;
}
