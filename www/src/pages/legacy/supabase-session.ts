/** Signs in with supabase-js, for the legacy systems on Supabase. */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { RealtimeClient } from 'tidewire';
import type { LegacyAuth } from 'tidewire/legacy';
import { createSupabaseRealtime } from 'tidewire/supabase';
import { visitor } from './visitor.ts';

/** The Supabase client, the Tidewire client and the signed-in user of an app. */
export interface SupabaseApp {
  readonly supabase: SupabaseClient;
  /** One for all legacy hooks on Supabase, however often their pages are shown. */
  readonly client: RealtimeClient;
  readonly auth: LegacyAuth;
}

async function signIn(): Promise<SupabaseApp> {
  const { key } = (await (await fetch('/demo/anon-key')).json()) as { key: string };
  const supabase = createClient(location.origin, key, {
    auth: { persistSession: false, autoRefreshToken: true },
  });
  const email = `${visitor.id}@demo.test`;
  const { data, error } = await supabase.auth.signInWithPassword({ email, password: 'demo' });
  if (error) throw error;
  return {
    supabase,
    client: createSupabaseRealtime(supabase),
    auth: {
      user: { id: data.user.id, email },
      profile: { name: visitor.name, company_id: '1', avatar_url: null },
      session: data.session,
    },
  };
}

let app: Promise<SupabaseApp> | undefined;

/** The app, signed in once. */
export function supabaseApp(): Promise<SupabaseApp> {
  app ??= signIn();
  return app;
}
