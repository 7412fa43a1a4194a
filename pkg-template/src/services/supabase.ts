/** Rows behind a supabase-js client. */
import { RealtimeError } from '../index.js';
import type { Source, StoringOptions } from './source.js';
import { SourceError } from './source-error.js';

/** What is used of a supabase-js client. */
export interface SupabaseTables {
  /** Begins a query. */
  from(table: string): unknown;
}

/** How a database is asked. */
export interface SupabaseSourceOptions extends StoringOptions {
  /** The schema of the tables, for the channel's changes: that of the supabase-js client. Default `'public'`. */
  schema?: string;
}

/** The answer to a query. */
interface Answer {
  data: unknown;
  error: { code?: string; message: string } | null;
  status: number;
}

/** A query of supabase-js, as far as it is used. */
interface Query extends PromiseLike<Answer> {
  select(): Query;
  insert(row: object): Query;
  update(fields: object): Query;
  delete(): Query;
  eq(column: string, value: unknown): Query;
  order(column: string, options: { ascending: boolean }): Query;
  limit(count: number): Query;
}

/** The rows of an answer. */
async function rowsOf(query: Query): Promise<never[]> {
  const { data, error, status } = await query;
  if (error) throw new SourceError(status, error.message);
  return (data ?? []) as never[];
}

/** The row that a query changed; without one there is this to be said. */
async function changed(query: Query, missing: SourceError): Promise<never> {
  const [row] = await rowsOf(query.select());
  if (row) return row;
  throw missing;
}

/**
 * Rows of a Supabase project, in the tables of the service: loaded, stored, and followed by the changes that
 * the database tells of. The service's client is one for the same project (`createSupabaseRealtime` of
 * tidewire/supabase). What a database may answer at once bounds what is loaded: 1,000 rows unless the
 * project says otherwise.
 */
export function fromSupabase(
  supabase: SupabaseTables,
  { schema = 'public', persist: persists = true }: SupabaseSourceOptions = {},
): Source {
  return ({ name, table, filter, order, limit, version, key: column }) => {
    if (table === undefined) {
      throw new RealtimeError(
        'invalid_argument',
        `${name} has no table.`,
        `Give ${name} a table where the service is defined, or use another source.`,
      );
    }
    const from = (): Query => supabase.from(table) as Query;
    const conditions = Object.entries(filter);
    const gone = new SourceError(404, `${table} has no such row, or hides it.`);
    return {
      postgresChanges: [
        {
          schema,
          table,
          ...(conditions.length && {
            filter: conditions.map(([name, value]) => `${name}=eq.${value}`).join(),
          }),
        },
      ],
      async load() {
        const all = conditions.reduce(
          (query, [name, value]) => query.eq(name, value),
          from().select(),
        );
        if (!order) return rowsOf(all);
        if (limit === undefined) return rowsOf(all.order(order, { ascending: true }));
        // The newest are wanted, and those come first that are the first to go.
        return (await rowsOf(all.order(order, { ascending: false }).limit(limit))).reverse();
      },
      ...(persists && {
        async persist(change) {
          const { kind, key } = change;
          if (kind === 'insert') return changed(from().insert(change.row), gone);
          if (kind === 'delete') {
            await changed(from().delete().eq(column, key), gone);
            return undefined;
          }
          // What the row must still be is a condition, not a value to be stored.
          const { [version ?? '']: held, ...fields } = change.row as Record<string, unknown>;
          const query = from().update(fields).eq(column, key);
          if (version === undefined || held === undefined) return changed(query, gone);
          const late = new SourceError(409, `The row of ${table} has changed, or is gone.`);
          return changed(query.eq(version, held), late);
        },
      }),
    };
  };
}
