/** The snippets of the package's README work. */
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { freshPage, report } from './page.js';

const readme = readFileSync(`${import.meta.dirname}/../../pkg-template/README.md`, 'utf8');

/** The fenced blocks of a language, in their order. */
const snippets = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );

/** Runs the nth module, with these names in scope. */
function run(n: number, names: Record<string, unknown>): void {
  const body = (snippets('js')[n] ?? '').replace(/^import .*$/m, '');
  new Function(...Object.keys(names), body)(...Object.values(names));
}

it('the module snippet receives and sends messages', async () => {
  const { realtimeClient, double } = await freshPage();
  const log = vi.fn();
  const started = double.nextEngine();
  run(0, {
    realtimeClient,
    fetchToken: () => 'token',
    console: { log, error: log },
  });
  const engine = await started;
  expect(engine.options).toMatchObject({ url: 'wss://example.com/ws/realtime' });
  report(engine).message('news', { title: 'It works' });
  expect(log).toHaveBeenCalledWith('news', { title: 'It works' });
  report(engine).send(engine.of('send')[0]?.[0], 'acked', { confirmed: true });
  await vi.waitFor(() => expect(log).toHaveBeenCalledWith('confirmed', true));
});

it('the collection snippet loads and stores rows', async () => {
  const { realtimeClient, double } = await freshPage();
  const log = vi.fn();
  const started = double.nextEngine();
  const rows = [{ id: '1', text: 'Bread' }];
  const fetch = vi.fn(async () => ({ json: async () => rows }));
  run(1, { realtimeClient, fetch, console: { log, error: log } });
  const engine = await started;
  const [collection] = engine.of('openCollection')[0] ?? [];
  report(engine).request(collection, 'Load', 1);
  await vi.waitFor(() => expect(engine.of('answerLoad')[0]?.[2]).toEqual(rows));
  expect(fetch).toHaveBeenCalledWith('/notes');
  const [, mutation] = engine.of('mutate')[0] ?? [];
  const row = { id: '2', text: 'Milk' };
  report(engine).collection(collection, { rows: [...rows, row], pending: [[mutation, 'tmp:1']] });
  expect(log).toHaveBeenLastCalledWith(2, 1);
  report(engine).mutation(mutation, 'acked', { confirmed: true, row });
  await vi.waitFor(() => expect(log).toHaveBeenLastCalledWith('stored', 'Milk'));
});

it('the presence snippet tracks and logs presence and typing', async () => {
  const { realtimeClient, double } = await freshPage();
  const log = vi.fn();
  const started = double.nextEngine();
  run(2, { realtimeClient, console: { log } });
  const engine = await started;
  expect(engine.of('presence')[0]?.slice(1)).toEqual(['room', 0, undefined, '{"mood":"fine"}']);
  report(engine).presence('room', ['join', 'ann', [{ mood: 'fine' }], [{ mood: 'fine' }]]);
  expect(log).toHaveBeenLastCalledWith('ann', [{ mood: 'fine' }]);
  report(engine).typing('room', 'Bob');
  expect(log).toHaveBeenLastCalledWith(['Bob']);
});

it('the Supabase snippet replaces the realtime client', async () => {
  const { double } = await freshPage();
  const { supabaseRealtime } = await import('../../pkg-template/src/supabase/index.js');
  const supabase: { realtime?: ReturnType<typeof supabaseRealtime> } & Record<string, unknown> = {
    supabaseUrl: 'https://ref.supabase.co',
    supabaseKey: 'public',
    auth: { onAuthStateChange: () => ({ data: {} }), getSession: async () => ({ data: {} }) },
  };
  run(3, { supabase, supabaseRealtime });
  const started = double.nextEngine();
  supabase.realtime?.channel('room').subscribe();
  expect((await started).of('subscribe')[0]?.[1]).toBe('room');
});

it('the preload snippet imports the function that loads the engine', async () => {
  const { preload } = await freshPage();
  expect(snippets('js')[4]).toMatch(/^import \{ preload \} from 'tidewire';/);
  const calls = vi.fn(preload);
  run(4, { preload: calls });
  expect(calls).toHaveBeenCalledExactlyOnceWith();
});

it('the script snippet receives messages', async () => {
  const { double, ...tidewire } = await freshPage();
  const log = vi.fn();
  const started = double.nextEngine();
  const [, body = ''] = (snippets('html')[0] ?? '').match(/<script>\n([\s\S]*?)<\/script>/) ?? [];
  new Function('tidewire', 'console', body)(tidewire, { log });
  report(await started).message('news', 'hello');
  expect(log).toHaveBeenCalledExactlyOnceWith('hello');
});
