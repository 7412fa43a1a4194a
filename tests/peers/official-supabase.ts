/** The npm package `@supabase/realtime-js`. */
import { type RealtimeChannel, RealtimeClient } from '@supabase/realtime-js';
import type {
  Adapter,
  Answer,
  Change,
  ChangesBinding,
  ChannelState,
  JoinConfig,
  Peer,
  PeerChannel,
  PeerOptions,
  Present,
} from './peer.js';

const SOON_MS = 30;

export const officialSupabase: Adapter = {
  name: '@supabase/realtime-js',
  traits: {
    lateChanges: 'throws',
    afterPolicyClose: 'stays closed',
  },
  open: (options) => new SupabasePeer(options),
};

const STATES: Record<string, ChannelState> = {
  SUBSCRIBED: 'joined',
  CHANNEL_ERROR: 'errored',
  CLOSED: 'closed',
  TIMED_OUT: 'timed out',
};

class SupabasePeer implements Peer {
  readonly #client: RealtimeClient;

  constructor({ origin, transport, vsn, token, heartbeatMs, timeoutMs }: PeerOptions) {
    this.#client = new RealtimeClient(`${origin.replace('http', 'ws')}/realtime/v1`, {
      // Two independent declarations of the same events.
      transport: transport as unknown as typeof globalThis.WebSocket,
      vsn,
      params: { apikey: token },
      heartbeatIntervalMs: heartbeatMs,
      timeout: timeoutMs,
      reconnectAfterMs: () => SOON_MS,
    });
  }

  channel(topic: string, config?: JoinConfig): PeerChannel {
    const options = config ? { config } : undefined;
    // A scenario's options are passed to the library unchecked.
    const channel = this.#client.channel(topic, options as never);
    return new SupabaseChannel(channel, this.#client);
  }

  isConnected(): boolean {
    return this.#client.isConnected();
  }

  setToken(token: string): Promise<void> {
    return this.#client.setAuth(token);
  }

  async close(): Promise<void> {
    await this.#client.disconnect();
  }
}

class SupabaseChannel implements PeerChannel {
  readonly #channel: RealtimeChannel;
  readonly #client: RealtimeClient;
  readonly #states: ((state: ChannelState) => void)[] = [];

  constructor(channel: RealtimeChannel, client: RealtimeClient) {
    this.#channel = channel;
    this.#client = client;
  }

  on(event: string, callback: (payload: unknown) => void): void {
    this.#channel.on('broadcast', { event }, ({ payload }) => callback(payload));
  }

  onChanges(binding: ChangesBinding, callback: (change: Change) => void): void {
    this.#channel.on('postgres_changes', binding as { event: '*'; schema: string }, (change) =>
      callback(change as unknown as Change),
    );
  }

  onSystem(callback: (message: { status: string; message: string }) => void): void {
    this.#channel.on('system', {}, callback);
  }

  onPresence(callback: () => void): void {
    this.#channel.on('presence', { event: 'sync' }, callback);
  }

  onState(callback: (state: ChannelState) => void): void {
    this.#states.push(callback);
  }

  join(): Promise<Answer> {
    return new Promise((resolve) => {
      this.#channel.subscribe((status, error) => {
        const state = STATES[status] ?? 'errored';
        if (state === 'joined') resolve({ status: 'ok' });
        if (state === 'errored') resolve({ status: 'error', response: error?.message });
        if (state === 'timed out') resolve({ status: 'timeout' });
        for (const callback of this.#states) callback(state);
      });
    });
  }

  async push(event: string, payload: unknown, timeoutMs?: number): Promise<Answer> {
    return answer(
      await this.#channel.send({ type: 'broadcast', event, payload }, waiting(timeoutMs)),
    );
  }

  async track(meta: Record<string, unknown>, timeoutMs?: number): Promise<Answer> {
    return answer(await this.#channel.track(meta, waiting(timeoutMs)));
  }

  async untrack(): Promise<Answer> {
    return answer(await this.#channel.untrack());
  }

  present(): Present {
    const state: Record<string, Record<string, unknown>[]> = this.#channel.presenceState();
    const withoutRef = ({ presence_ref, ...meta }: Record<string, unknown>) => meta;
    return Object.fromEntries(
      Object.entries(state).map(([key, metas]) => [key, metas.map(withoutRef)]),
    );
  }

  async leave(): Promise<Answer> {
    return answer(await this.#client.removeChannel(this.#channel));
  }
}

const waiting = (timeout?: number) => (timeout === undefined ? {} : { timeout });

const answer = (status: string): Answer => ({
  status: status === 'ok' ? 'ok' : status === 'timed out' ? 'timeout' : 'error',
});
