/** tidewire against Supabase, by realtime-js's methods. */
import { type SupabaseChannel, type SupabaseRealtime, supabaseRealtime } from 'tidewire/supabase';
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
import { options } from './tidewire-options.js';

export const tidewireSupabase: Adapter = {
  name: 'tidewire/supabase',
  traits: {
    lateChanges: 'rejoins',
    afterPolicyClose: 'joins again',
  },
  open: (given) => new TidewirePeer(given),
};

const STATES: Record<string, ChannelState> = {
  SUBSCRIBED: 'joined',
  CHANNEL_ERROR: 'errored',
  CLOSED: 'closed',
  TIMED_OUT: 'timed out',
};

class TidewirePeer implements Peer {
  readonly #realtime: SupabaseRealtime;

  constructor(given: PeerOptions) {
    this.#realtime = supabaseRealtime(given.origin, given.token ?? '', {
      ...options(given),
      vsn: given.vsn,
    });
  }

  channel(topic: string, config?: JoinConfig): PeerChannel {
    const channel = this.#realtime.channel(topic, config ? { config } : {});
    return new TidewireChannel(channel, this.#realtime);
  }

  isConnected(): boolean {
    return this.#realtime.isConnected();
  }

  setToken(token: string): Promise<void> {
    return this.#realtime.setAuth(token);
  }

  async close(): Promise<void> {
    this.#realtime.client.destroy();
  }
}

class TidewireChannel implements PeerChannel {
  readonly #channel: SupabaseChannel;
  readonly #realtime: SupabaseRealtime;
  readonly #states: ((state: ChannelState) => void)[] = [];

  constructor(channel: SupabaseChannel, realtime: SupabaseRealtime) {
    this.#channel = channel;
    this.#realtime = realtime;
  }

  on(event: string, callback: (payload: unknown) => void): void {
    this.#channel.on('broadcast', { event }, ({ payload }) => callback(payload));
  }

  onChanges(binding: ChangesBinding, callback: (change: Change) => void): void {
    this.#channel.on('postgres_changes', binding, (change) => callback(change));
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
    return answer(await this.#realtime.removeChannel(this.#channel));
  }
}

const waiting = (timeout?: number) => (timeout === undefined ? {} : { timeout });

const answer = (status: string): Answer => ({
  status: status === 'ok' ? 'ok' : status === 'timed out' ? 'timeout' : 'error',
});
