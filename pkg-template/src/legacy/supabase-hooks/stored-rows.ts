/** Loads the initial rows of a hook, with the app's supabase-js client. */
import { RealtimeError } from '../../index.js';
import { legacyConfig } from '../index.js';
import type { LegacyQuery } from '../supabase-types.js';

/**
 * Loads rows of a table; returns `undefined` if no supabase-js client is configured.
 */
export function storedRows<Row extends object>(
  table: string,
  narrow: (query: LegacyQuery) => LegacyQuery,
): (() => Promise<Row[]>) | undefined {
  const { supabase } = legacyConfig();
  if (!supabase) return undefined;
  return async () => {
    const { data, error } = await narrow(supabase.from(table).select('*'));
    if (error) {
      throw new RealtimeError(
        'load_failed',
        `The rows of ${table} could not be read.`,
        'See the cause; check the policies of the table.',
        { retryable: true, cause: error },
      );
    }
    return (data ?? []) as Row[];
  };
}
