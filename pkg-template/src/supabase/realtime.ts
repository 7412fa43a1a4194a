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
  /** The underlying client, for states, metrics and all other features that realtime-js does not have. */
  readonly client: RealtimeClient;
  /** The channel of this name; the same one until it is removed. */
  channel(name: string, options?: SupabaseChannelOptions): SupabaseChannel;
  /** Returns the channels. */
  getChannels(): SupabaseChannel[];
  /** Leaves a channel. */
  removeChannel(channel: SupabaseChannel): Promise<SendStatus>;
  /** Leaves all channels and disconnects. */
  removeAllChannels(): Promise<SendStatus[]>;
  /** Sets the token; without one, uses that of the session. */
  setAuth(token?: string | null): Promise<void>;
  /** Connects without a channel. Rarely needed. */
  connect(): void;
  /** Closes the connection until the next subscription, send or `connect()`. */
  disconnect(): Promise<'ok'>;
  /** Whether the client is ready. */
  isConnected(): boolean;
  /** Whether a connection is being opened. */
  isConnecting(): boolean;
  /** The state of the connection. */
  connectionState(): 'open' | 'connecting' | 'closed';
}

const CONNECTIONS: Partial<Record<State, 'open' | 'connecting'>> = {
  ready: 'open',
  connecting: 'connecting',
  authenticating: 'connecting',
  reconnecting: 'connecting',
};

/**
 * Returns a client with realtime-js's methods, on this package's engine: for a supabase-js client, or a project's
 * address and public key.
 *
 * ```ts
 * const supabase = createClient(url, key);
 * Object.assign(supabase, { realtime: supabaseRealtime(supabase) }); // supabase.channel(…) now uses it
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
  /** The token of `setAuth`, for projects without sign-in. */
  let manual: string | undefined;
  const fetchToken = () => manual ?? getToken?.() ?? null;
  /** The last token that was set: supabase-js calls `setAuth` with each token too. */
  let lastToken: string | null | undefined;
  const setToken = (token: string | null): void => {
    if (token === lastToken) return;
    lastToken = token;
    client.setToken(token);
  };
  // A hidden page would lose broadcasts, which code written for realtime-js expects to receive.
  const options = { visibility: false as const, ...project.options, getToken: fetchToken };
  const client = openProject({ ...project, options }, setToken);
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
      // With sign-in the session provides the tokens; a token given here is used until the next one.
      if (token && !getToken) manual = token;
      const answer = token || (await fetchToken());
      setToken((typeof answer === 'object' ? answer?.token : answer) ?? null);
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
