/** Supabase projects: address, key and tokens. */
import {
  type ClientOptions,
  createRealtimeClient,
  type RealtimeClient,
  RealtimeError,
} from '../index.js';

/** The members of a supabase-js session that are used. */
export interface SupabaseSession {
  /** The user's JWT. */
  access_token: string;
  /** When it expires, in seconds since 1970. */
  expires_at?: number | undefined;
}

/** The members of a supabase-js client (version 2) that are used. */
export interface SupabaseClientLike {
  /** The session. */
  auth: {
    getSession(): PromiseLike<{ data: { session: SupabaseSession | null } }>;
    onAuthStateChange(callback: (event: string, session: SupabaseSession | null) => void): {
      data: { subscription: { unsubscribe(): void } };
    };
  };
}

/** The options of a client, without those that the project determines. */
export type SupabaseOptions = Omit<ClientOptions, 'url' | 'protocol' | 'apiKey'>;

/** A project, and the options of its client. */
export interface Project {
  url: string | URL;
  apiKey: string;
  options: SupabaseOptions;
  /** Calls the listener with each new token; returns a function that removes the listener. */
  watch(listener: (token: string | null) => void): () => void;
}

/** Protected members of supabase-js's class. */
interface SupabaseInternals {
  supabaseUrl?: string;
  supabaseKey?: string;
  realtimeUrl?: string | URL;
  /** Set if a third party authenticates the users. */
  accessToken?: () => PromiseLike<string | null>;
}

/** The arguments of functions that take a client, or a project's address and key. */
export type ProjectArguments =
  | [client: SupabaseClientLike, options?: SupabaseOptions]
  | [url: string | URL, key: string, options?: SupabaseOptions];

/** The `watch` of projects without sign-in. */
const unwatched = () => () => {};

/** Reads a project from the arguments. */
export function projectOf(...given: ProjectArguments): Project {
  const [first] = given;
  if (typeof first === 'string' || first instanceof URL) {
    const [url, apiKey, options = {}] = given as [string | URL, string, SupabaseOptions?];
    return { url, apiKey, options, watch: unwatched };
  }
  const [client, options = {}] = given as [SupabaseClientLike, SupabaseOptions?];
  const { supabaseUrl, supabaseKey, realtimeUrl, accessToken } = (client ??
    {}) as SupabaseInternals;
  const url = realtimeUrl ?? supabaseUrl;
  if (!url || !supabaseKey) {
    throw new RealtimeError(
      'invalid_argument',
      'client must be a client of supabase-js, or the address of a project.',
      "Check client; or give the project's address and its public key.",
    );
  }
  const project = { url, apiKey: supabaseKey, options, watch: unwatched };
  if (options.getToken) return project;
  if (accessToken) return { ...project, options: { ...options, getToken: () => accessToken() } };
  return { ...project, ...signedIn(client, options) };
}

/** Returns the functions that fetch and watch the tokens of the session. */
function signedIn(client: SupabaseClientLike, options: SupabaseOptions) {
  const getToken = async () => {
    const { session } = (await client.auth.getSession()).data;
    if (!session) return null;
    const { access_token: token, expires_at: end } = session;
    return end === undefined ? token : { token, expiresAt: end * 1_000 };
  };
  return {
    options: { ...options, getToken },
    watch(listener: (token: string | null) => void): () => void {
      let known: string | null | undefined;
      const { data } = client.auth.onAuthStateChange((event, session) => {
        const token = session?.access_token ?? null;
        // A tab that becomes visible reports its session again.
        const isNew = event !== 'INITIAL_SESSION' && token !== known;
        known = token;
        if (isNew) listener(token);
      });
      return () => data.subscription.unsubscribe();
    },
  };
}

/** Creates a client of a project; `listener`, if given, receives new tokens instead of the client. */
export function openProject<Channels extends object>(
  { url, apiKey, options, watch }: Project,
  listener?: (token: string | null) => void,
): RealtimeClient<Channels> {
  const client = createRealtimeClient<Channels>({ ...options, protocol: 'supabase', url, apiKey });
  const unwatch = watch(listener ?? ((token) => client.setToken(token)));
  client.on('state', (state) => {
    if (state === 'closed') unwatch();
  });
  return client;
}

/**
 * Creates a client of a Supabase project. A supabase-js client provides the address, the key and the tokens: when it
 * signs in, signs out or refreshes the session, the connection is authenticated again.
 *
 * ```ts
 * const realtime = createSupabaseRealtime(createClient(url, key));
 * ```
 *
 * @throws RealtimeError `invalid_argument`
 */
export function createSupabaseRealtime<Channels extends object = {}>(
  client: SupabaseClientLike,
  options?: SupabaseOptions,
): RealtimeClient<Channels>;
export function createSupabaseRealtime<Channels extends object = {}>(
  url: string | URL,
  key: string,
  options?: SupabaseOptions,
): RealtimeClient<Channels>;
export function createSupabaseRealtime<Channels extends object = {}>(
  ...given: unknown[]
): RealtimeClient<Channels> {
  return openProject(projectOf(...(given as ProjectArguments)));
}
