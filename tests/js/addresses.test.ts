/** Where the socket is: what the app gave, with what the protocol demands. */
import { expect, it, vi } from 'vitest';
import type { ClientOptions } from '../../pkg-template/src/index.js';
import { freshPage, say } from './page.js';

/** The answer to the engine's request of the address: the address, or an error message. */
async function ask(options: ClientOptions): Promise<unknown> {
  const page = await freshPage();
  const started = page.double.nextEngine();
  page.createRealtimeClient(options).subscribe('any', {});
  const engine = await started;
  say(engine).askUrl(1);
  const [, url, , words] = await vi.waitUntil(() => engine.of('answerUrl')[0]);
  return url ?? words;
}

const phoenix = (url?: string, more?: ClientOptions) =>
  ask({ protocol: 'phoenix', ...(url && { url }), ...more });
const supabase = (url: ClientOptions['url'], more?: ClientOptions) =>
  ask({ protocol: 'supabase', apiKey: 'k', ...(url && { url }), ...more });

it('of a native server, unchanged', async () => {
  expect(await ask({})).toBe('ws://localhost:3000/ws/realtime');
  expect(await ask({ url: 'https://x.test/live#here', params: { a: 1 } })).toBe(
    'wss://x.test/live?a=1',
  );
});

it('of a Phoenix socket, with its transport, the params and the version', async () => {
  expect(await phoenix('wss://x.test/socket')).toBe('wss://x.test/socket/websocket?vsn=2.0.0');
  expect(await phoenix('/live/')).toBe('ws://localhost:3000/live/websocket?vsn=2.0.0');
  expect(await phoenix()).toBe('ws://localhost:3000/socket/websocket?vsn=2.0.0');
  expect(
    await phoenix('ws://x.test/socket/websocket?a=b', { params: { user: 7 }, vsn: '1.0.0' }),
  ).toBe('ws://x.test/socket/websocket?a=b&user=7&vsn=1.0.0');
});

it.each([
  ['https://ref.supabase.co', 'wss://ref.supabase.co/realtime/v1/websocket'],
  ['https://ref.supabase.co/', 'wss://ref.supabase.co/realtime/v1/websocket'],
  ['http://localhost:54321', 'ws://localhost:54321/realtime/v1/websocket'],
  ['https://x.test/behind', 'wss://x.test/behind/realtime/v1/websocket'],
  ['wss://ref.supabase.co/realtime/v1', 'wss://ref.supabase.co/realtime/v1/websocket'],
  ['ws://x.test/socket/websocket', 'ws://x.test/socket/websocket'],
])('of a Supabase project at %s', async (url, socket) => {
  expect(await supabase(url)).toBe(`${socket}?vsn=2.0.0&apikey=k`);
});

it('of a Supabase project, returned by a function, with params', async () => {
  const url = async () => new URL('https://ref.supabase.co');
  expect(await supabase(url, { params: { log_level: 'info' } })).toBe(
    'wss://ref.supabase.co/realtime/v1/websocket?log_level=info&vsn=2.0.0&apikey=k',
  );
});

it.each(['ftp://x.test/realtime?apikey=secret', 'http://user:secret@:0:0/?token=secret#secret'])(
  'an error about %s contains no secret',
  async (url) => {
    const words = await supabase(() => url, { apiKey: 'secret' });
    expect(words).toContain('not a WebSocket address');
    expect(words).not.toContain('secret');
  },
);

it.each([
  ['apiKey', { protocol: 'supabase', url: 'https://ref.supabase.co' }],
  ['apiKey', { protocol: 'supabase', url: 'https://ref.supabase.co', apiKey: '' }],
  ['url', { protocol: 'supabase', apiKey: 'k' }],
] as [string, ClientOptions][])('%s missing throws at the call', async (argument, options) => {
  const { createRealtimeClient } = await freshPage();
  const refusal = expect.objectContaining({
    code: 'invalid_argument',
    message: expect.stringContaining(argument),
  });
  expect(() => createRealtimeClient(options)).toThrow(refusal);
  expect(() => createRealtimeClient().configure(options)).toThrow(refusal);
});

it('options are checked after they are merged', async () => {
  const { createRealtimeClient } = await freshPage();
  const client = createRealtimeClient({ url: 'https://ref.supabase.co', apiKey: 'k' });
  expect(() => client.configure({ protocol: 'supabase' })).not.toThrow();
});

it.each([
  { protocol: 'supabase', apiKey: 'k' },
  { apiKey: 'other' },
  { vsn: '1.0.0' },
] as ClientOptions[])('%o needs a new connection', async (changes) => {
  const page = await freshPage();
  const started = page.double.nextEngine();
  const client = page.createRealtimeClient({ url: 'https://x.test' });
  client.subscribe('any', {});
  const engine = await started;
  client.configure(changes);
  client.configure({ debug: false });
  expect(engine.of('configure').map(([, reconnect]) => reconnect)).toEqual([true, false]);
});
