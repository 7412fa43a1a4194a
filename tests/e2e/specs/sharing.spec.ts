/** All subscribers share one socket, and those of one channel one membership. */
import { measured } from '../support/measurement.js';
import { expect, test } from '../support/test.js';

test('two subscribers share one socket and one membership until both have left', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url() });
  await tab.subscribe('a', 'news');
  await tab.subscribe('b', 'news');
  await tab.untilChannel('news');
  expect((await server.stats()).subscribes).toEqual({ news: 1 });
  expect((await server.openConnections()).map(({ channels }) => channels)).toEqual([['news']]);

  await server.publish('news', { n: 1 });
  await expect.poll(() => tab.messages('a')).toEqual([{ n: 1 }]);
  await expect.poll(() => tab.messages('b')).toEqual([{ n: 1 }]);

  await tab.unsubscribe('a');
  await server.publish('news', { n: 2 });
  await expect.poll(() => tab.messages('b')).toEqual([{ n: 1 }, { n: 2 }]);
  expect(await tab.messages('a')).toEqual([{ n: 1 }]);
  expect((await server.stats()).unsubscribes).toEqual({});
  expect((await server.stats()).opened).toBe(1);
});

test('a repeated message is delivered to each callback once', async ({ tab, server }) => {
  await tab.listening(server.url());
  await server.faults({ duplicate: 1 });
  for (const n of [1, 2, 3]) await server.publish('news', { n });
  // The last one's repetition follows it; only the metric shows that it was dropped.
  await expect.poll(async () => (await tab.metrics()).duplicatesDropped).toBe(3);
  expect(await tab.messages('a')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test('several channels share the socket too', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  for (const channel of ['news', 'weather', 'sport']) await tab.subscribe(channel, channel);
  for (const channel of ['news', 'weather', 'sport']) await tab.untilChannel(channel);
  expect((await server.stats()).opened).toBe(1);
  await server.publish('weather', 'rain');
  await expect.poll(() => tab.messages('weather')).toEqual(['rain']);
  expect(await tab.messages('news')).toEqual([]);
});

test('the socket closes a second after the last subscriber left, and the next subscription opens it again', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url() });
  await tab.subscribe('a', 'news');
  await tab.subscribe('b', 'weather');
  await tab.untilChannel('news');
  await tab.unsubscribe('a');
  const left = await tab.now();
  await tab.unsubscribe('b');
  await tab.until('idle');
  expect(await tab.reasonsFor('idle')).toEqual(['no_demand']);
  const lingered = (await tab.since('idle')) - left;
  expect(lingered).toBeGreaterThan(900);
  measured('last subscriber gone, socket closed', lingered, 2_000);
  await expect.poll(() => server.openConnections()).toEqual([]);
  expect((await server.connections()).map(({ closeCode }) => closeCode)).toEqual([1000]);

  await tab.subscribe('c', 'news');
  await tab.untilChannel('news');
  await server.publish('news', 'again');
  await expect.poll(() => tab.messages('c')).toEqual(['again']);
  expect((await server.stats()).opened).toBe(2);
});

test('repeated subscribing and unsubscribing sends one join', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  await tab.page.evaluate(() => {
    for (let turn = 0; turn < 20; turn++) window.kit.client.subscribe('news', {}, () => {})();
    window.kit.subscribe('last', 'news');
  });
  await tab.untilChannel('news');
  // And again with the engine there.
  await tab.page.evaluate(() => {
    window.kit.unsubscribe('last');
    for (let turn = 0; turn < 20; turn++) window.kit.client.subscribe('news', {}, () => {})();
    window.kit.subscribe('again', 'news');
  });
  await server.publish('news', 'still here');
  await expect.poll(() => tab.messages('again')).toEqual(['still here']);
  const stats = await server.stats();
  expect(stats.subscribes).toEqual({ news: 1 });
  expect(stats.unsubscribes).toEqual({});
  expect(stats.opened).toBe(1);
});

test('a callback may subscribe, unsubscribe and send, and one that throws does not affect others', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url() });
  await tab.page.evaluate(() => {
    const { client } = window.kit;
    client.subscribe('news', {}, () => {
      throw Error('a fault of the app');
    });
    const unsubscribe = client.subscribe('news', {}, () => {
      unsubscribe();
      window.kit.subscribe('inner', 'weather');
      window.kit.send('reply', 'replies', 'received');
    });
    window.kit.subscribe('calm', 'news');
  });
  await tab.untilChannel('news');
  await server.publish('news', 1);
  await server.publish('news', 2);
  await expect.poll(() => tab.messages('calm')).toEqual([1, 2]);
  await tab.untilChannel('weather');
  expect((await tab.settled('reply')).status).toBe('acked');
  expect(await server.payloads('replies')).toEqual(['received']);
  expect(await tab.errorCodes()).toEqual(['callback_failed', 'callback_failed']);
});

test('useRealtimeChannel and the legacy names use the default client', async ({ tab, server }) => {
  await tab.page.evaluate((url) => {
    const { channelManager, realtimeClient, useRealtimeChannel } = window.tidewire;
    realtimeClient.configure({ url, getToken: () => window.giveToken() });
    useRealtimeChannel('news', {}, (message, meta) => {
      window.kit.inbox.push({ by: 'hook', message, meta });
    });
    const managed = channelManager.getChannel({ name: 'room', ack: true });
    managed.on<{ text: string }>('chat', (message) => {
      const meta = { channel: 'room', receivedAt: 0, recovered: false, own: true };
      window.kit.inbox.push({ by: 'managed', message: message.text, meta });
    });
    managed.subscribe();
    return managed.send({ type: 'chat', text: 'hello' });
  }, server.url());
  await tab.untilChannel('news');
  await server.publish('news', 'one');
  await expect.poll(() => tab.messages('hook')).toEqual(['one']);
  await expect.poll(() => tab.messages('managed')).toEqual(['hello']);
  const stats = await tab.page.evaluate(() => window.tidewire.channelRegistry.getChannelStats());
  expect(stats.totalChannels).toBe(2);
});
