/** A source for a supabase-js client. */
import { RealtimeError } from '../index.js';
import type { Source, StoringOptions } from './source.js';
import { SourceError } from './source-error.js';

/** The methods of a supabase-js client that are used. */
export interface SupabaseTables {
  /** Starts a query. */
  from(table: string): unknown;
}

/** The options of the source. */
export interface SupabaseSourceOptions extends StoringOptions {
  /** The schema of the tables, for the channel's changes: that of the supabase-js client. Default `'public'`. */
  schema?: string;
}

/** The response to a query. */
interface Answer {
  data: unknown;
  error: { code?: string; message: string } | null;
  status: number;
}

/** The methods of a query of supabase-js that are used. */
interface Query extends PromiseLike<Answer> {
  select(): Query;
  insert(row: object): Query;
  update(fields: object): Query;
  delete(): Query;
  eq(column: string, value: unknown): Query;
  order(column: string, options: { ascending: boolean }): Query;
  limit(count: number): Query;
}

/** Returns the rows of a response. */
async function rowsOf(query: Query): Promise<never[]> {
  const { data, error, status } = await query;
  if (error) throw new SourceError(status, error.message);
  return (data ?? []) as never[];
}

/** Returns the row that a query changed; throws `missing` if there is none. */
async function changed(query: Query, missing: SourceError): Promise<never> {
  const [row] = await rowsOf(query.select());
  if (row) return row;
  throw missing;
}

/**
 * Returns a source for a Supabase project, with the tables of the service: rows are loaded, stored, and updated by the
 * database changes. The service's client must be one for the same project (`createSupabaseRealtime` of
 * tidewire/supabase). The project limits the number of rows per response, and so of those that are loaded: 1,000 by
 * default.
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
    const notFound = new SourceError(404, `${table} has no such row, or hides it.`);
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
        // The newest rows are loaded, and returned oldest first, as the oldest are dropped first.
        return (await rowsOf(all.order(order, { ascending: false }).limit(limit))).reverse();
      },
      ...(persists && {
        async persist(change) {
          const { kind, key } = change;
          if (kind === 'insert') return changed(from().insert(change.row), notFound);
          if (kind === 'delete') {
            await changed(from().delete().eq(column, key), notFound);
            return undefined;
          }
          // The version is a condition, not a value to be stored.
          const { [version ?? '']: expected, ...fields } = change.row as Record<string, unknown>;
          const query = from().update(fields).eq(column, key);
          if (version === undefined || expected === undefined) return changed(query, notFound);
          const conflict = new SourceError(409, `The row of ${table} has changed, or is gone.`);
          return changed(query.eq(version, expected), conflict);
        },
      }),
    };
  };
}
