/** The configuration that all families of legacy hooks share. */
import { type RealtimeClient, realtimeClient } from '../index.js';
import { createSupabaseRealtime } from '../supabase/index.js';
import { type AuthStore, authStore, type LegacyAuthSource } from './auth.js';
import { restRows } from './rest-rows.js';
import type { LegacyRows } from './rows.js';
import { supabaseRows } from './supabase-rows.js';
import type { LegacySupabase } from './supabase-types.js';

export type { LegacySupabase } from './supabase-types.js';

/** A toast of the legacy systems. */
export interface LegacyNotice {
  type: 'info' | 'success' | 'warning' | 'error';
  message: string;
}

/** The options of the legacy hooks. All are optional. */
export interface LegacyOptions {
  /**
   * The client that all legacy hooks share. Default: one for {@link supabase} if that is given,
   * else the default `realtimeClient`.
   */
  client?: RealtimeClient | undefined;
  /** A supabase-js client: the hooks use its tables, its signed-in user and its Realtime. */
  supabase?: LegacySupabase | undefined;
  /**
   * The signed-in user. Default: that of {@link supabase}, with the profile in the user's metadata
   * (`name`, `company_id`, `avatar_url`); else none.
   */
  auth?: LegacyAuthSource | undefined;
  /**
   * The base address of the REST paths `/api/…`. Default: the page's own. If given together with {@link supabase}, rows
   * are loaded and stored over REST.
   */
  api?: string | undefined;
  /** The function that makes REST requests. Default: the page's `fetch`. */
  fetch?: typeof fetch | undefined;
  /** Shows the toasts of the legacy systems. Default: nothing is shown. */
  notify?: ((notice: LegacyNotice) => void) | undefined;
  /** Loads and stores rows. Default: the tables of {@link supabase}, else REST. */
  data?: LegacyRows | undefined;
  /** The environment's settings for `…/core-realtime`, such as `import.meta.env`. Default: none. */
  env?: LegacyEnvironment | undefined;
  /** Returns the channels of a topic of `…/core-realtime`. Default: the channel with the topic's name. */
  topics?: ((topic: string) => readonly string[]) | undefined;
}

export type LegacyEnvironment = Readonly<Record<string, unknown>>;

type Resolved<Name extends keyof LegacyOptions> = {
  readonly [K in Name]: NonNullable<LegacyOptions[K]>;
};

/** The current configuration, with all defaults. */
export interface LegacyConfig
  extends Resolved<'client' | 'api' | 'fetch' | 'notify' | 'data' | 'env' | 'topics'> {
  readonly supabase: LegacySupabase | undefined;
  readonly auth: AuthStore;
  /** Whether the app has configured the signed-in user, so that there may be none. */
  readonly hasAuth: boolean;
}

function resolve(options: LegacyOptions): LegacyConfig {
  const { supabase, api, data, notify = () => {} } = options;
  const client = options.client ?? (supabase ? createSupabaseRealtime(supabase) : realtimeClient);
  const auth = authStore(options.auth, supabase);
  const config: LegacyConfig = {
    client,
    supabase,
    auth,
    api: api ?? '',
    // Looked up at each call, since tests and tracing replace the page's `fetch`.
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    notify,
    data: data ?? (supabase && api === undefined ? supabaseRows(supabase) : restRows(() => config)),
    hasAuth: !!(options.auth ?? supabase),
    env: options.env ?? {},
    topics: options.topics ?? ((topic) => [topic]),
  };
  return config;
}

let current: LegacyConfig | undefined;

/**
 * Configures the legacy hooks. Call it once, before they are rendered; each call replaces
 * the former configuration; components that are already mounted keep using the former one.
 *
 * ```ts
 * configureLegacy({ supabase, notify: ({ type, message }) => toast[type](message) });
 * configureLegacy({ auth: () => useAuthStore.getState().auth, api: 'https://api.example.com' });
 * ```
 *
 * @throws RealtimeError `invalid_argument` if `supabase` is not a supabase-js client
 */
export function configureLegacy(options: LegacyOptions): void {
  current = resolve(options);
}

/** Returns the current configuration, or the defaults before {@link configureLegacy} was called. */
export function legacyConfig(): LegacyConfig {
  current ??= resolve({});
  return current;
}
