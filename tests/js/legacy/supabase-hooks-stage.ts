/** The hooks of the call marketplace on a page, with an engine that runs for a project of Supabase. */
import { vi } from 'vitest';
import { type EngineDouble, freshPage, report } from '../page.js';
import { happen, members } from '../react/stage.js';

type Row = Record<string, unknown>;

/** The app's supabase-js client: answers each query with these rows, and records the queries. */
function supabaseDouble(rows: Row[]) {
  const requested: unknown[][] = [];
  const query = {
    // biome-ignore lint/suspicious/noThenProperty: supabase-js's queries are awaited
    then: (resolve: (answer: object) => void) => resolve({ data: [...rows], error: null }),
  };
  for (const name of ['select', 'eq', 'in', 'order', 'limit']) {
    Object.assign(query, {
      [name]: (...values: unknown[]) => {
        requested.push([name, ...values]);
        return query;
      },
    });
  }
  return {
    requested,
    client: {
      auth: {
        getSession: async () => ({ data: { session: null } }),
        onAuthStateChange: () => ({ data: { subscription: { unsubscribe: vi.fn() } } }),
      },
      from(table: string) {
        requested.push(['from', table]);
        return query;
      },
    },
  };
}

/** The hooks, the client they share and its engine; `rows` are the content of the database. */
export async function freshMarket(rows?: Row[]) {
  const page = await freshPage();
  const hooks = await import('../../../pkg-template/src/legacy/supabase-hooks/index.js');
  const { configureLegacy } = await import('../../../pkg-template/src/legacy/index.js');
  const client = page.createRealtimeClient({
    protocol: 'supabase',
    url: 'https://ref.supabase.co',
    apiKey: 'public',
  });
  const database = rows && supabaseDouble(rows);
  configureLegacy({ client, supabase: database?.client });
  const started = page.double.nextEngine();
  client.subscribe('base', {});
  return { ...page, ...hooks, client, requested: database?.requested, engine: await started };
}

export type Market = Awaited<ReturnType<typeof freshMarket>>;

/** The current filters of database changes on a channel. */
export const options = (engine: EngineDouble, channel: string): unknown[] => {
  const now = members(engine, channel);
  return [
    ...engine.of('subscribe').map(([number, , options]) => [number, options]),
    ...engine.of('openCollection').map(([number, , , options]) => [number, options]),
  ]
    .filter(([number]) => now.includes(number))
    .flatMap(([, options]) => (options as Row | undefined)?.postgresChanges)
    .filter((options) => options !== undefined);
};

/** Delivers a database change to the subscribers of a channel. */
export const change = (
  { engine }: Market,
  channel: string,
  eventType: 'INSERT' | 'UPDATE' | 'DELETE',
  row: Row,
): Promise<void> =>
  happen(() =>
    report(engine).change(
      channel,
      eventType === 'DELETE'
        ? { eventType, new: {}, old: row }
        : { eventType, new: row, old: eventType === 'UPDATE' ? { id: row.id } : {} },
      members(engine, channel),
    ),
  );
