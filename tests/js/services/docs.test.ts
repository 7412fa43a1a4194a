/** The snippets of docs/services.md that need no React work, and its tables are complete. */
import { readFileSync } from 'node:fs';
import { transformWithOxc } from 'vite';
import { beforeEach, expect, it, vi } from 'vitest';
import { engineError, report } from '../page.js';
import { freshServices, type ServicePage } from './service-page.js';

const docs = readFileSync(`${import.meta.dirname}/../../../docs/services.md`, 'utf8');
const snippets = [...docs.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text);

let page: ServicePage;
const log = vi.fn();

beforeEach(async () => {
  log.mockClear();
  page = await freshServices();
});

/** Runs the snippet with this text in it, with these names in scope. */
async function run(about: string, names: Record<string, unknown> = {}): Promise<void> {
  const source = snippets.find((text) => text.includes(about)) ?? '';
  const { code } = await transformWithOxc(source, 'snippet.ts');
  const body = code.replace(/^import .*$/gm, '').replace(/^export /gm, '');
  const known = { ...page, console: { log }, ...names };
  new Function(...Object.keys(known), body)(...Object.values(known));
}

const opened = () => page.engine.of('openCollection');
const show = (rows: object[]) =>
  report(page.engine).collection(opened()[0]?.[0], { rows } as never);
const load = async (rows: unknown) => {
  report(page.engine).request(opened()[0]?.[0], 'Load', 1);
  await vi.waitFor(() => expect(page.engine.of('answerLoad')[0]?.[2]).toEqual(rows));
};

it('every snippet is run', () => {
  expect(snippets).toHaveLength(4);
});

it('the snippet of a service shows rows and a rejected change', async () => {
  await run('placeBid(', { session: { token: 't' } });
  expect(opened()[0]?.[2]).toBe('bids:1');
  show([{ id: '1', amount: 100, status: 'active' }]);
  expect(log).toHaveBeenLastCalledWith('highest', 100);
  const [[, mutation] = []] = page.engine.of('mutate');
  const cause = { code: 'conflict', message: 'Too low.' };
  report(page.engine).mutation(mutation, 'failed', { ...engineError('rejected'), cause });
  await vi.waitFor(() => expect(log).toHaveBeenLastCalledWith('rejected', 'conflict'));
});

it('the snippet of an own service loads, inserts and receives', async () => {
  const fetch = vi.fn(async () => Response.json({ data: [] }));
  vi.stubGlobal('fetch', fetch);
  await run('export const tasks');
  await load([]);
  vi.unstubAllGlobals();
  expect(fetch).toHaveBeenCalledExactlyOnceWith('/api/lists/7/tasks', expect.anything());
  expect(page.engine.of('mutate')[0]?.at(-1)).toBe('{"list_id":"7","title":"Milk","done":false}');
  show([
    { id: '1', title: 'Bread', done: true },
    { id: '2', title: 'Milk', done: false },
  ]);
  expect(log).toHaveBeenLastCalledWith(['Milk', 'Bread']);
  report(page.engine).message('list:7', { by: 'Bob' }, 'cleared');
  expect(log).toHaveBeenLastCalledWith('cleared by', 'Bob');
  expect(page.engine.of('presence')[0]?.at(-1)).toBe('{"name":"Ann"}');
});

it('the snippet for Supabase subscribes to database changes', async () => {
  const supabase = { from: vi.fn() };
  const [url, key] = ['https://ref.supabase.co', 'public'];
  const client = page.createRealtimeClient({ protocol: 'supabase', url, apiKey: key });
  const createSupabaseRealtime = vi.fn(() => client);
  const started = page.double.nextEngine();
  await run('createSupabaseRealtime', {
    createClient: () => supabase,
    createSupabaseRealtime,
    url,
    key,
  });
  const engine = await started;
  expect(createSupabaseRealtime).toHaveBeenCalledExactlyOnceWith(supabase);
  const [[number, , channel, options] = []] = engine.of('openCollection');
  const filter = { schema: 'public', table: 'calls', filter: 'campaign_id=eq.1' };
  expect([channel, options]).toEqual(['calls:1', { postgresChanges: [filter] }]);
  const rows = [{ id: '1', status: 'ringing' } as { id: string }];
  report(engine).collection(number, { rows });
  expect(log).toHaveBeenLastCalledWith(1, 'running');
});

it('the snippet of an own source loads its rows', async () => {
  const rows = [{ id: '1', title: 'A bill' }];
  const query = vi.fn(async () => rows);
  await run('graph: Source', { query });
  await load(rows);
  expect(query).toHaveBeenCalledExactlyOnceWith('{ bills }', {});
});

it('the tables name every list, channel and function', () => {
  const cells = docs.split('\n').filter((line) => line.startsWith('| '));
  const documented = new Set(
    cells.flatMap((line) => [...line.matchAll(/`(\w+)\(/g)].map(([, name]) => name)),
  );
  const { bids, bills, calls, community, interviews, notifications, ...others } = page.services;
  const made = { bids, bills, calls, community, interviews, notifications };
  for (const service of Object.values(made)) {
    for (const name of Object.keys(service())) expect(documented).toContain(name);
  }
  const known = ['SourceError', 'channel', 'defineService', 'rows'];
  for (const name of Object.keys(others))
    if (!known.includes(name)) expect(documented).toContain(name);
});
