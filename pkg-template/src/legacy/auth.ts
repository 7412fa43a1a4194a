/** The signed-in user, in the shape of the legacy systems' auth contexts. */
import type { Unsubscribe } from '../index.js';
import type { LegacySupabase } from './supabase-types.js';

export interface LegacyAuth {
  user: { id: string; email?: string | undefined };
  /** The profile, and the company whose projects the user may see. */
  profile?:
    | Partial<Record<'name' | 'company_id' | 'avatar_url', string | null | undefined>>
    | null
    | undefined;
  session?: { access_token: string } | null | undefined;
}

export interface AuthStore {
  /** Returns the signed-in user; the same object until that changes. */
  getSnapshot(): LegacyAuth | null;
  /** Adds a listener of changes; returns the function that removes it. */
  subscribe(listener: () => void): Unsubscribe;
}

/** A function that returns the signed-in user; with `subscribe`, hooks are updated on sign-in and sign-out. */
export type LegacyAuthSource = (() => LegacyAuth | null) | AuthStore;

/** A source without a user. */
const NO_USER: AuthStore = { getSnapshot: () => null, subscribe: () => () => {} };

/** The user of a supabase-js client. The company is read from `app_metadata` or `user_metadata`. */
function signedIn({ auth }: LegacySupabase): AuthStore {
  let known: LegacyAuth | null = null;
  const listeners = new Set<() => void>();
  auth.onAuthStateChange((_, session) => {
    const user = session?.user;
    const metadata = { ...user?.user_metadata, ...user?.app_metadata };
    known =
      session && user
        ? {
            user: { id: user.id, email: user.email },
            profile: {
              name: metadata.name ?? user.email,
              company_id: metadata.company_id,
              avatar_url: metadata.avatar_url,
            },
            session,
          }
        : null;
    for (const listener of [...listeners]) listener();
  });
  return {
    getSnapshot: () => known,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Returns the app's source, else the user of the supabase-js client, else no user. */
export function authStore(
  given: LegacyAuthSource | undefined,
  supabase: LegacySupabase | undefined,
): AuthStore {
  if (typeof given === 'function') return { ...NO_USER, getSnapshot: given };
  return given ?? (supabase ? signedIn(supabase) : NO_USER);
}
