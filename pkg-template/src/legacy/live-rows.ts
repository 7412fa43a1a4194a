/** The rows of one table, updated by the messages of a channel. */
import type { Change, ChannelOptions, Collection, Loaded, Mutation } from '../index.js';
import type { LegacyConfig, LegacyWhere } from './index.js';
import { newestFirst } from './row-changes.js';

/** The rows to open: their table, their filter and their channel. */
export interface RowsOf<T> {
  table: string;
  where: LegacyWhere;
  channel: string;
  join?: ChannelOptions | undefined;
  /** Loads them, by `load` of the configuration. */
  load(load: () => PromiseLike<Loaded<T>>): Promise<Loaded<T>>;
}

/** Opens the rows of a table, newest first; they are loaded and stored as the app has configured. */
export const liveRows = <T extends { id: string; created_at?: string }>(
  { client, data }: LegacyConfig,
  { table, where, channel, join, load }: RowsOf<T>,
): Collection<T> =>
  client.collection<T>(channel, {
    ...join,
    load: () => load(() => data.load<T>(table, where)),
    async persist(change: Change<T>, { mutation }): Promise<T | undefined> {
      if (change.kind === 'insert') {
        return (await data.insert(table, where, change.row, mutation)) as T;
      }
      if (change.kind === 'update') {
        return (await data.update(table, where, change.key, change.row, mutation)) as T;
      }
      await data.remove(table, where, change.key, mutation);
      return undefined;
    },
    sort: newestFirst,
  });

/** Resolves with the row as stored; rejects if storing it failed. */
export async function stored<T>(mutation: Mutation<T>): Promise<T | undefined> {
  return (await mutation.promise).row;
}
