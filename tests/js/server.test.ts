// @vitest-environment node
/** On a server everything imports and nothing starts. */
import { expect, it, vi } from 'vitest';
import { freshPage } from './page.js';

it('subscriptions, handles and sends do nothing, and say so where it matters', async () => {
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

it('still refuses bad arguments', async () => {
  const { createRealtimeClient, RealtimeError } = await freshPage();
  expect(() => createRealtimeClient().subscribe('', {})).toThrow(RealtimeError);
});

it('importing touches neither window nor document', async () => {
  vi.stubGlobal('window', undefined);
  await expect(freshPage()).resolves.toHaveProperty('realtimeClient');
  vi.unstubAllGlobals();
});
