import { useEffect, useState } from 'react';
import type { Collection, CollectionOptions } from '../../index.js';
import { legacyConfig } from '../index.js';
import { callSafely } from '../listeners.js';
import { newestFirst } from '../row-changes.js';
import type { LegacyQuery } from '../supabase-types.js';
import { useLatest } from '../use-latest.js';
import { storedRows } from './stored-rows.js';

export interface TableRows {
  /** The table, of the schema `public`. */
  table: string;
  filter: string;
  /** Adds the conditions of the rows to the query. */
  narrow: (query: LegacyQuery) => LegacyQuery;
  /** The order of the query's rows. Default `'oldest first'`. */
  order?: 'oldest first' | 'newest first';
  /** The maximum number of rows; beyond it, the oldest are dropped. Default: none. */
  limit?: number;
}

const NONE: readonly never[] = [];

/**
 * Returns the rows of a table by `created_at`, oldest first. They are loaded once the subscription is active, and again
 * after each interruption. Without a channel's name there are none.
 */
export function useTableRows<Row extends { id: string; created_at?: string }>(
  channel: string | null,
  { table, filter, narrow, order, limit }: TableRows,
): readonly Row[] {
  const [shown, show] = useState<readonly Row[]>(NONE);
  const latest = useLatest(narrow);
  useEffect(() => {
    if (!channel) return;
    const read = storedRows<Row>(table, latest.current);
    const load = read && order === 'newest first' ? async () => (await read()).reverse() : read;
    const options: CollectionOptions<Row> = {
      postgresChanges: [{ event: '*', schema: 'public', table, filter }],
      sort: (a, b) => newestFirst(b, a),
      ...(load && { load }),
      ...(limit !== undefined && { limit }),
    };
    let rows: Collection<Row> | undefined;
    // An error thrown in an effect would unmount the tree.
    callSafely(() => {
      rows = legacyConfig().client.collection<Row>(channel, options);
      rows.on('change', ({ items }) => show(items));
    });
    return () => {
      rows?.release();
      show(NONE);
    };
  }, [channel, table, filter, order, limit, latest]);
  return shown;
}
