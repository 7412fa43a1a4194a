/** A Supabase project as a client of tidewire sees it: its address, its key, and its users' tokens. */
import {
  type ClientOptions,
  createRealtimeClient,
  type RealtimeClient,
  RealtimeError,
} from '../index.js';

/** What is read of a session of supabase-js. */
export interface SupabaseSession {
  /** The user's JWT. */
  access_token: string;
  /** When it ends, in seconds since 1970. */
  expires_at?: number | undefined;
}

/** What is used of a client of supabase-js, of any version since 2. */
export interface SupabaseClientLike {
  /** Who is signed in. */
  auth: {
    getSession(): PromiseLike<{ data: { session: SupabaseSession | null } }>;
    onAuthStateChange(callback: (event: string, session: SupabaseSession | null) => void): {
      data: { subscription: { unsubscribe(): void } };
    };
  };
}

/** The options of a client, but for what the project decides. */
export type SupabaseOptions = Omit<ClientOptions, 'url' | 'protocol' | 'apiKey'>;

/** Where a project is, and who asks. */
export interface Project {
  url: string | URL;
  apiKey: string;
  options: SupabaseOptions;
  /** Tells of each new token; returns what ends that. */
  watch(listener: (token: string | null) => void): () => void;
}

/** The members of supabase-js's class that its types keep to themselves. */
interface SupabaseInternals {
  supabaseUrl?: string;
  supabaseKey?: string;
  realtimeUrl?: string | URL;
  /** Of a client whose users are somebody else's. */
  accessToken?: () => PromiseLike<string | null>;
}

/** The arguments of the functions that take a client or a project's address and key. */
export type ProjectArguments =
  | [client: SupabaseClientLike, options?: SupabaseOptions]
  | [url: string | URL, key: string, options?: SupabaseOptions];

/** Where nobody signs in. */
const unwatched = () => () => {};

/** Reads a project from what the app gave. */
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

/** The tokens of whoever is signed in. */
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
        // A tab that is looked at again tells of its session again.
        const isNews = event !== 'INITIAL_SESSION' && token !== known;
        known = token;
        if (isNews) listener(token);
      });
      return () => data.subscription.unsubscribe();
    },
  };
}

/** A client of a project; `listener` is told of new tokens instead of it. */
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
 * A client of a Supabase project. Of a supabase-js client the address, the key and the tokens are taken: who
 * signs in, out, or has the session refreshed there, does here too.
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
