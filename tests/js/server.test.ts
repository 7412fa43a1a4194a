// @vitest-environment node
/** On a server the package can be imported, and no engine starts. */
import { afterEach, expect, it, vi } from 'vitest';
import type { RealtimeClient } from '../../pkg-template/src/index.js';
import { freshPage } from './page.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('subscriptions, handles and sends do nothing, with an error for sends', async () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  const page = await freshPage();
  const client = page.createRealtimeClient({ url: 'ws://example.test' });
  const unsubscribe = client.subscribe('a', {}, () => {});
  const handle = client.channel('a');
  handle.on('*', () => {});
  expect(handle.state).toBe('joining');
  expect(client.getSnapshot()).toEqual({
    state: 'idle',
    quality: 'offline',
    error: null,
    queueDepth: 0,
  });
  const rows = client.collection<{ id: string }>('rows', { load: () => [] });
  rows.reload();
  expect(rows.getSnapshot()).toMatchObject({ items: [], isLoading: true, pending: [] });
  const unavailable = { code: 'engine_unavailable' };
  await expect(rows.insert({ id: '1' }).promise).rejects.toMatchObject(unavailable);
  await expect(handle.presence.track({}).acked).rejects.toMatchObject(unavailable);
  handle.typing.start();
  expect([handle.presence.state.size, handle.typing.who]).toEqual([0, []]);
  await expect(client.send('a', 1).acked).rejects.toMatchObject(unavailable);
  await expect(client.connect()).rejects.toMatchObject(unavailable);
  client.disconnect();
  rows.release();
  handle.release();
  unsubscribe();
  page.useRealtimeChannel('a', {}, () => {})();
  expect(page.realtimeClient.state).toBe('idle');
  expect(page.double.starts).toBe(0);
  client.destroy();
});

const calls: [string, (client: RealtimeClient) => unknown][] = [
  ['subscribe', (client) => client.subscribe('a', {}, () => {})],
  ['channel', (client) => client.channel('a')],
  ['collection', (client) => client.collection('a')],
  ['send', (client) => client.send('a', 1)],
  ['connect', (client) => client.connect()],
];

it.each(calls)('the first %s that does nothing is one warning', async (_, call) => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  const { createRealtimeClient, realtimeClient } = await freshPage();
  const client = createRealtimeClient();
  call(client);
  expect(warned.mock.calls).toEqual([[expect.stringContaining('there is no page')]]);
  for (const [, again] of calls) again(client);
  realtimeClient.send('a', 1);
  expect(warned).toHaveBeenCalledOnce();
});

it('reads, and a client with logger: false, print no warning', async () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  const { createRealtimeClient } = await freshPage();
  const client = createRealtimeClient();
  client.on('state', () => {});
  client.getSnapshot();
  client.getMetrics();
  client.getChannelStats();
  client.configure({ url: 'ws://example.test' });
  client.setToken('secret');
  client.disconnect();
  client.destroy();
  createRealtimeClient({ logger: false }).subscribe('a', {});
  expect(warned).not.toHaveBeenCalled();
});

it('clients and channels of tidewire/supabase do nothing', async () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  const page = await freshPage();
  const { createSupabaseRealtime, supabaseRealtime } = await import(
    '../../pkg-template/src/supabase/index.js'
  );
  const project = ['https://ref.supabase.co', 'public'] as const;
  const room = createSupabaseRealtime(...project).channel('room', { private: true });
  room.on('postgres_changes', { table: 'todos' }, () => {})();
  expect(room.presence.state.size).toBe(0);
  room.release();
  const realtime = supabaseRealtime(...project);
  const reported = vi.fn();
  const channel = realtime
    .channel('room')
    .on('postgres_changes', { event: '*', schema: 'public' }, () => {})
    .on('presence', { event: 'sync' }, () => {})
    .subscribe(reported);
  expect([channel.state, channel.presenceState()]).toEqual(['joining', {}]);
  expect(await channel.send({ type: 'broadcast', event: 'chat' })).toBe('error');
  expect(reported).not.toHaveBeenCalled();
  expect(await realtime.removeAllChannels()).toEqual(['ok']);
  expect(page.double.starts).toBe(0);
});

it('invalid arguments throw on a server too', async () => {
  const { createRealtimeClient, RealtimeError } = await freshPage();
  expect(() => createRealtimeClient().subscribe('', {})).toThrow(RealtimeError);
});

it('importing touches neither window nor document', async () => {
  vi.stubGlobal('window', undefined);
  await expect(freshPage()).resolves.toHaveProperty('realtimeClient');
  vi.unstubAllGlobals();
});
