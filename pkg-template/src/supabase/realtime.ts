/** The client in realtime-js's shape. */
import type { RealtimeClient, State } from '../index.js';
import { OpenChannel } from './channel.js';
import type { SendStatus, SupabaseChannel, SupabaseChannelOptions } from './channel-types.js';
import {
  openProject,
  type ProjectArguments,
  projectOf,
  type SupabaseClientLike,
  type SupabaseOptions,
} from './project.js';

/** A client with realtime-js's methods. */
export interface SupabaseRealtime {
  /** What is beneath: states, metrics, and all that realtime-js has not. */
  readonly client: RealtimeClient;
  /** The channel of this name; the same one until it is removed. */
  channel(name: string, options?: SupabaseChannelOptions): SupabaseChannel;
  /** The channels there are. */
  getChannels(): SupabaseChannel[];
  /** Leaves a channel. */
  removeChannel(channel: SupabaseChannel): Promise<SendStatus>;
  /** Leaves all channels and disconnects. */
  removeAllChannels(): Promise<SendStatus[]>;
  /** From now on this token counts; without one, that of whoever is signed in. */
  setAuth(token?: string | null): Promise<void>;
  /** Connects without a channel. Rarely needed. */
  connect(): void;
  /** Closes the connection until something needs it again. */
  disconnect(): Promise<'ok'>;
  /** Whether messages flow. */
  isConnected(): boolean;
  /** Whether a connection is being made. */
  isConnecting(): boolean;
  /** The same as a word. */
  connectionState(): 'open' | 'connecting' | 'closed';
}

const CONNECTIONS: Partial<Record<State, 'open' | 'connecting'>> = {
  ready: 'open',
  connecting: 'connecting',
  authenticating: 'connecting',
  reconnecting: 'connecting',
};

/**
 * Realtime with realtime-js's methods, on this package's engine: for a supabase-js client, or a project's
 * address and public key.
 *
 * ```ts
 * const supabase = createClient(url, key);
 * Object.assign(supabase, { realtime: supabaseRealtime(supabase) }); // and supabase.channel(…) is on it
 * ```
 *
 * @throws RealtimeError `invalid_argument`
 */
export function supabaseRealtime(
  client: SupabaseClientLike,
  options?: SupabaseOptions,
): SupabaseRealtime;
export function supabaseRealtime(
  url: string | URL,
  key: string,
  options?: SupabaseOptions,
): SupabaseRealtime;
export function supabaseRealtime(...given: unknown[]): SupabaseRealtime {
  const project = projectOf(...(given as ProjectArguments));
  const { getToken } = project.options;
  /** What `setAuth` was given, where nobody signs in. */
  let manual: string | undefined;
  const ask = () => manual ?? getToken?.() ?? null;
  /** supabase-js tells its Realtime of tokens too. */
  let told: string | null | undefined;
  const tell = (token: string | null): void => {
    if (token === told) return;
    told = token;
    client.setToken(token);
  };
  // What is broadcast to a hidden page would be lost to it; code written for realtime-js counts on it.
  const options = { visibility: false as const, ...project.options, getToken: ask };
  const client = openProject({ ...project, options }, tell);
  const channels = new Set<SupabaseChannel>();
  return {
    client,
    channel(name, options = {}) {
      for (const channel of channels) if (channel.subTopic === name) return channel;
      const channel = new OpenChannel(name, client, options, () => channels.delete(channel));
      channels.add(channel);
      return channel;
    },
    getChannels: () => [...channels],
    async removeChannel(channel) {
      const status = await channel.unsubscribe();
      channels.delete(channel);
      return status;
    },
    async removeAllChannels() {
      const statuses = await Promise.all([...channels].map((channel) => channel.unsubscribe()));
      channels.clear();
      client.disconnect();
      return statuses;
    },
    async setAuth(token) {
      // Where people sign in, that is where tokens come from; what is given here counts until the next.
      if (token && !getToken) manual = token;
      const answer = token || (await ask());
      tell((typeof answer === 'object' ? answer?.token : answer) ?? null);
    },
    connect() {
      client.connect();
    },
    async disconnect() {
      client.disconnect();
      return 'ok';
    },
    isConnected: () => client.isReady(),
    isConnecting: () => CONNECTIONS[client.state] === 'connecting',
    connectionState: () => CONNECTIONS[client.state] ?? 'closed',
  };
}
