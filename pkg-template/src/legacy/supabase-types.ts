/** The members of a supabase-js client that are used besides its Realtime. */
import type { SupabaseClientLike, SupabaseSession } from '../supabase/index.js';

// biome-ignore lint/suspicious/noExplicitAny: the app defines the metadata of its users.
type Metadata = Record<string, any>;

export interface LegacySession extends SupabaseSession {
  user?: { id: string; email?: string; user_metadata?: Metadata; app_metadata?: Metadata };
}

export interface LegacyResponse {
  data: unknown[] | null;
  error: { message: string; code?: string } | null;
}

/** A query of `from(table)`, which is sent once it is awaited. */
export interface LegacyQuery extends PromiseLike<LegacyResponse> {
  select(columns?: string): LegacyQuery;
  insert(row: object): LegacyQuery;
  update(row: object): LegacyQuery;
  delete(): LegacyQuery;
  eq(column: string, value: unknown): LegacyQuery;
  in(column: string, values: readonly unknown[]): LegacyQuery;
  order(column: string, options?: { ascending?: boolean }): LegacyQuery;
  limit(count: number): LegacyQuery;
}

/** A client of supabase-js, of any version 2. */
export interface LegacySupabase {
  auth: Pick<SupabaseClientLike['auth'], 'getSession'> & {
    onAuthStateChange(callback: (event: string, session: LegacySession | null) => void): {
      data: { subscription: { unsubscribe(): void } };
    };
  };
  // biome-ignore lint/suspicious/noExplicitAny: supabase-js types it by the app's own tables.
  from(table: string): any;
}
