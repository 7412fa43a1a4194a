/** The address of the socket, as the package parses it. `src/core/protocol/address.rs` tests what each protocol adds. */
import { expect, it, vi } from 'vitest';
import type { ClientOptions } from '../../pkg-template/src/index.js';
import { freshPage, report } from './page.js';

/** The answer to the engine's request of the address: the address, or an error message. */
async function request(options: ClientOptions): Promise<string> {
  const page = await freshPage();
  const started = page.double.nextEngine();
  page.createRealtimeClient(options).subscribe('any', {});
  const engine = await started;
  report(engine).requestUrl(1);
  const [, url, , message] = await vi.waitUntil(() => engine.of('answerUrl')[0]);
  return url instanceof URL ? url.href : String(message);
}

const SUPABASE: ClientOptions = { protocol: 'supabase', apiKey: 'secret' };

it('the url option is converted to a WebSocket address', async () => {
  expect(await request({ url: 'https://x.test/live#here' })).toBe('wss://x.test/live');
  expect(await request({ url: '/live' })).toBe('ws://localhost:3000/live');
  expect(await request({ url: async () => new URL('http://x.test') })).toBe('ws://x.test/');
});

it('without a url option the address is the engine’s path on the page’s host', async () => {
  expect(await request({})).toBe('ws://localhost:3000/ws/realtime');
});

it('params are added to the query', async () => {
  const params = { a: 1, b: 'x y' };
  expect(await request({ url: 'wss://x.test/live?a=0&c=d', params })).toBe(
    'wss://x.test/live?a=1&c=d&b=x+y',
  );
});

it.each(['ftp://x.test/realtime?apikey=secret', 'http://user:secret@:0:0/?token=secret#secret'])(
  'an error about %s contains no secret',
  async (url) => {
    const message = await request({ ...SUPABASE, url: () => url });
    expect(message).toContain('not a WebSocket address');
    expect(message).not.toContain('secret');
  },
);

it.each([
  ['apiKey', { protocol: 'supabase', url: 'https://ref.supabase.co' }],
  ['apiKey', { protocol: 'supabase', url: 'https://ref.supabase.co', apiKey: '' }],
  ['url', { protocol: 'supabase', apiKey: 'k' }],
] as [string, ClientOptions][])('a missing %s throws at the call', async (argument, options) => {
  const { createRealtimeClient } = await freshPage();
  const rejection = expect.objectContaining({
    code: 'invalid_argument',
    message: expect.stringContaining(argument),
  });
  expect(() => createRealtimeClient(options)).toThrow(rejection);
  expect(() => createRealtimeClient().configure(options)).toThrow(rejection);
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
