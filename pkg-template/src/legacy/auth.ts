/** Who is signed in, as the older systems' auth contexts said it. */
import type { Unsubscribe } from '../index.js';
import type { LegacySupabase } from './supabase-types.js';

/** The user, their profile and their session. */
export interface LegacyAuth {
  /** Who it is. */
  user: { id: string; email?: string | undefined };
  /** What is shown of them, and the company whose projects they see. */
  profile?:
    | {
        name?: string | null | undefined;
        company_id?: string | null | undefined;
        avatar_url?: string | null | undefined;
      }
    | null
    | undefined;
  /** The token that requests bear. */
  session?: { access_token: string } | null | undefined;
}

/** Asked whenever somebody needs to know; with `subscribe`, hooks follow who signs in and out. */
export type LegacyAuthSource =
  | (() => LegacyAuth | null)
  | {
      /** Who is signed in now; the same object until that changed. */
      getSnapshot(): LegacyAuth | null;
      /** Tells of each change; returns what ends that. */
      subscribe(listener: () => void): Unsubscribe;
    };

/** A source with both of its methods. */
export interface AuthStore {
  getSnapshot(): LegacyAuth | null;
  subscribe(listener: () => void): Unsubscribe;
}

/** Nobody, ever. */
const NOBODY: AuthStore = { getSnapshot: () => null, subscribe: () => () => {} };

/** Whoever is signed in to Supabase. Their company is what the project wrote into `app_metadata` or `user_metadata`. */
function signedIn({ auth }: LegacySupabase): AuthStore {
  let known: LegacyAuth | null = null;
  const listeners = new Set<() => void>();
  auth.onAuthStateChange((_, session) => {
    const user = session?.user;
    const said = { ...user?.user_metadata, ...user?.app_metadata };
    known =
      session && user
        ? {
            user: { id: user.id, email: user.email },
            profile: {
              name: said.name ?? user.email,
              company_id: said.company_id,
              avatar_url: said.avatar_url,
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

/** The source the app gave, else whoever is signed in to Supabase, else nobody. */
export function authStore(
  given: LegacyAuthSource | undefined,
  supabase: LegacySupabase | undefined,
): AuthStore {
  if (typeof given === 'function') return { ...NOBODY, getSnapshot: given };
  return given ?? (supabase ? signedIn(supabase) : NOBODY);
}
