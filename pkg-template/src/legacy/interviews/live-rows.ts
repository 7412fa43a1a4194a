/** Rows of one table that follow a channel. */
import type { Change, Collection, Loaded, Mutation } from '../../index.js';
import type { LegacyConfig, LegacyWhere } from '../index.js';
import { newestFirst } from './order.js';

/** Which rows, and what they follow. */
export interface RowsOf {
  table: string;
  where: LegacyWhere;
  channel: string;
}

/** Called after each load. */
export type LoadListener = (error?: unknown) => void;

/** Opens the rows of a table. On Supabase they follow the table, elsewhere the channel is the table's own. */
export function liveRows<T extends { id: string; created_at?: string }>(
  { client, supabase, data }: LegacyConfig,
  { table, where, channel }: RowsOf,
  loaded: LoadListener,
): Collection<T> {
  const load = async (): Promise<Loaded<T>> => {
    try {
      const rows = await data.load<T>(table, where);
      loaded();
      return rows;
    } catch (error) {
      loaded(error);
      throw error;
    }
  };
  const persist = async (
    change: Change<T>,
    { mutation }: { mutation: string },
  ): Promise<T | undefined> => {
    if (change.kind === 'insert') {
      return (await data.insert(table, where, change.row, mutation)) as T;
    }
    if (change.kind === 'update') {
      return (await data.update(table, where, change.key, change.row, mutation)) as T;
    }
    await data.remove(table, where, change.key, mutation);
    return undefined;
  };
  const [column] = Object.entries(where);
  return client.collection<T>(channel, {
    load,
    persist,
    sort: newestFirst,
    ...(supabase && {
      postgresChanges: [
        { table, schema: 'public', ...(column && { filter: `${column[0]}=eq.${column[1]}` }) },
      ],
    }),
  });
}

/** The row as it was stored; rejects if it was not. */
export async function stored<T>(mutation: Mutation<T>): Promise<T | undefined> {
  return (await mutation.promise).row;
}
