/** The one configuration that all families of older hooks share. */
import { type RealtimeClient, realtimeClient } from '../index.js';
import { createSupabaseRealtime } from '../supabase/index.js';
import { type AuthStore, authStore, type LegacyAuthSource } from './auth.js';
import type { LegacyNotice } from './notice.js';
import { restRows } from './rest-rows.js';
import type { LegacyRows } from './rows.js';
import { supabaseRows } from './supabase-rows.js';
import type { LegacySupabase } from './supabase-types.js';

export type { LegacySupabase } from './supabase-types.js';

/** What an app gives its older hooks. All of it is optional. */
export interface LegacyOptions {
  /**
   * The client that all of them use, with its one socket. Default: one over {@link supabase} if that is given,
   * else the default `realtimeClient`.
   */
  client?: RealtimeClient | undefined;
  /** A supabase-js client: its tables, its signed-in user and its Realtime are what the hooks are on. */
  supabase?: LegacySupabase | undefined;
  /**
   * Who is signed in. Default: whoever is signed in to {@link supabase}, with the profile in the user's metadata
   * (`name`, `company_id`, `avatar_url`); else nobody.
   */
  auth?: LegacyAuthSource | undefined;
  /**
   * The address before the REST paths `/api/…`. Default: the page's own. Given beside {@link supabase}, rows are
   * loaded and stored over REST all the same.
   */
  api?: string | undefined;
  /** What REST requests are made with. Default: the page's `fetch`. */
  fetch?: typeof fetch | undefined;
  /** Shows what the older systems showed as a toast. Default: nothing is shown. */
  notify?: ((notice: LegacyNotice) => void) | undefined;
  /** Where rows are loaded from and stored. Default: the tables of {@link supabase}, else REST. */
  data?: LegacyRows | undefined;
  /** The environment's settings for `…/core-realtime`: `import.meta.env`, say. Default: none. */
  env?: LegacyEnvironment | undefined;
  /** The channels on which a topic of `…/core-realtime` is told. Default: the one of its name. */
  topics?: ((topic: string) => readonly string[]) | undefined;
}

/** Settings by name. */
export type LegacyEnvironment = Readonly<Record<string, unknown>>;

/** The configuration in force, with all defaults. */
export interface LegacyConfig {
  /** The client that all families share. */
  readonly client: RealtimeClient;
  /** The supabase-js client, if they are on one. */
  readonly supabase: LegacySupabase | undefined;
  /** Who is signed in. */
  readonly auth: AuthStore;
  /** The address before the REST paths. */
  readonly api: string;
  /** What REST requests are made with. */
  readonly fetch: typeof fetch;
  /** Shows a toast. */
  readonly notify: (notice: LegacyNotice) => void;
  /** Where rows are loaded from and stored. */
  readonly data: LegacyRows;
  /** Whether the app said who is signed in: then nobody is a state of its own. */
  readonly hasAuth: boolean;
  /** The environment's settings. */
  readonly env: LegacyEnvironment;
  /** The channels on which a topic is told. */
  readonly topics: (topic: string) => readonly string[];
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
    // The page's own, as it is when it is called: tests and tracing replace it.
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    notify,
    data:
      data ??
      (supabase && api === undefined
        ? supabaseRows(supabase)
        : restRows(() => ({
            base: config.api,
            fetch: config.fetch,
            getToken: () => auth.getSnapshot()?.session?.access_token,
          }))),
    hasAuth: !!(options.auth ?? supabase),
    env: options.env ?? {},
    topics: options.topics ?? ((topic) => [topic]),
  };
  return config;
}

let current: LegacyConfig | undefined;

/**
 * Gives the older hooks what they need of the app. Call it once, before they are rendered; each call replaces
 * what was given before, and what is on the page already keeps what it began with.
 *
 * ```ts
 * configureLegacy({ supabase, notify: ({ type, message }) => toast[type](message) });
 * configureLegacy({ auth: () => useAuthStore.getState().auth, api: 'https://api.example.com' });
 * ```
 *
 * @throws RealtimeError `invalid_argument` if `supabase` is no client of supabase-js
 */
export function configureLegacy(options: LegacyOptions): void {
  const next = resolve(options);

  current = next;
}

/** The configuration in force. Before {@link configureLegacy} all of it are the defaults. */
export function legacyConfig(): LegacyConfig {
  current ??= resolve({});
  return current;
}
