/** Configures the older hooks for one of the backends, by the page's query. */
import { createClient } from '@supabase/supabase-js';
import { createRealtimeClient, type RealtimeClient } from 'tidewire';
import { configureLegacy, type LegacyNotice, legacyConfig } from 'tidewire/legacy';

const QUICK = { reconnect: { baseMs: 20, maxMs: 200 }, lingerMs: 50 };

/** The toasts so far. */
export const notices: LegacyNotice[] = [];

const query = new URLSearchParams(location.search);
const get = (name: string): string => query.get(name) ?? '';

/** The user of the page. */
export const user = get('user');

/** Signs in, and configures the hooks; returns the client they share. */
export async function begin(): Promise<RealtimeClient> {
  const auth = {
    user: { id: user, email: `${user}@demo.test` },
    profile: { name: user, company_id: 'acme', avatar_url: null },
    session: { access_token: get('token') },
  };
  const notify = (notice: LegacyNotice): void => void notices.push(notice);
  if (get('backend') === 'supabase') {
    const supabase = createClient(get('server'), get('key'), {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const { error } = await supabase.auth.signInWithPassword({
      email: auth.user.email,
      password: 'demo',
    });
    if (error) throw error;
    configureLegacy({ supabase, auth: () => auth, notify });
    legacyConfig().client.configure(QUICK);
  } else {
    const client = createRealtimeClient({
      ...QUICK,
      url: `${get('server')}/ws/realtime`,
      getToken: () => get('token'),
    });
    configureLegacy({ client, auth: () => auth, api: get('server'), notify });
  }
  return legacyConfig().client;
}
