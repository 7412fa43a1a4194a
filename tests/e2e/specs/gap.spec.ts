/** What is recovered after an interruption, and what is reported where it cannot be. */
import { expect, test } from '../support/test.js';

test.describe('a short log', () => {
  test.use({ serverOptions: { limits: { logCount: 5 } } });

  test('messages beyond the log are reported as a gap, and later ones are delivered', async ({
    tab,
    server,
  }) => {
    await tab.client({ url: server.url(), visibility: { pauseAfterMs: 0 } });
    await tab.subscribe('a', 'news');
    await tab.subscribe('b', 'weather');
    await tab.untilChannel('news');
    await tab.untilChannel('weather');
    for (const n of [1, 2]) await server.publish('news', n);
    await expect.poll(() => tab.messages('a')).toEqual([1, 2]);
    await tab.hide();
    await tab.until('paused');
    for (const n of [3, 4, 5, 6, 7, 8]) await server.publish('news', n);
    await server.publish('weather', 'rain');
    await tab.show();
    await tab.untilChannel('news');
    await tab.untilChannel('weather');
    await server.publish('news', 9);
    await expect.poll(() => tab.messages('a')).toEqual([1, 2, 9]);

    const { epoch } = await server.head('news');
    const gap = { channel: 'news', from: 3, to: 8, epoch };
    expect(await tab.gaps()).toEqual([gap]);
    expect(await tab.losses('a')).toEqual([gap]);
    expect(await tab.continuity('news')).toBe('gap');
    expect((await tab.metrics()).gaps).toBe(1);
    // Everything that the other channel missed was recovered.
    expect(await tab.messages('b')).toEqual(['rain']);
    expect((await tab.inbox('b'))[0]?.meta).toMatchObject({ recovered: true, seq: 1 });
    expect(await tab.losses('b')).toEqual([]);
    expect(await tab.continuity('weather')).toBe('recovered');
  });

  test('messages within the log are recovered', async ({ tab, server }) => {
    await tab.client({ url: server.url(), visibility: { pauseAfterMs: 0 } });
    await tab.subscribe('a', 'news');
    await tab.untilChannel('news');
    await tab.hide();
    await tab.until('paused');
    for (const n of [1, 2, 3, 4, 5]) await server.publish('news', n);
    await tab.show();
    await expect.poll(() => tab.messages('a')).toEqual([1, 2, 3, 4, 5]);
    expect((await tab.inbox('a')).every(({ meta }) => meta.recovered)).toBe(true);
    expect(await tab.gaps()).toEqual([]);
    expect(await tab.continuity('news')).toBe('recovered');
  });
});

for (const logs of ['keep', 'lose'] as const) {
  test(`a restart of the server ${logs === 'keep' ? 'with its logs is recovered' : 'without its logs is a gap'}`, async ({
    tab,
    server,
  }) => {
    await tab.client({ url: server.url(), reconnect: { baseMs: 20, maxMs: 200 } });
    await tab.subscribe('a', 'news');
    await tab.untilChannel('news');
    await server.publish('news', 'before');
    await expect.poll(() => tab.messages('a')).toEqual(['before']);
    const { epoch } = await server.head('news');
    await server.restart(logs, 300);
    await tab.until('reconnecting');
    await tab.send('meanwhile', 'news', 'meanwhile');
    expect((await tab.settled('meanwhile')).status).toBe('acked');
    await tab.untilChannel('news');
    await server.publish('news', 'after');
    await expect.poll(() => tab.messages('a')).toEqual(['before', 'meanwhile', 'after']);
    const kept = logs === 'keep';
    expect((await server.head('news')).epoch === epoch).toBe(kept);
    expect((await tab.gaps()).map(({ channel }) => channel)).toEqual(kept ? [] : ['news']);
    expect(await tab.continuity('news')).toBe(kept ? 'recovered' : 'gap');
  });
}

test.describe('with frequent heartbeats', () => {
  test.use({ serverOptions: { limits: { heartbeatMs: 300 } } });

  test('a lost last message is detected by the next one', async ({ tab, server }) => {
    await tab.listening(server.url());
    await server.faults({ lose: 1 });
    await server.publish('news', 'lost on its way');
    await server.faults({ clear: true });
    await expect.poll(() => tab.messages('a')).toEqual(['lost on its way']);
    expect((await server.stats()).opened).toBe(1);
    expect(await tab.gaps()).toEqual([]);
  });
});

test('a message whose acknowledgement is lost with the connection is stored once, and acknowledged', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url(), reconnect: { baseMs: 20, maxMs: 200 } });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  await server.faults({ dropAfterAccept: true });
  // The channel proves the outcome of the first; the second one has no subscriber.
  for (const channel of ['news', 'elsewhere']) {
    await tab.send(channel, channel, 'once');
    expect((await tab.settled(channel)).ack?.confirmed).toBe(true);
    expect(await server.payloads(channel)).toEqual(['once']);
    await server.faults({ dropAfterAccept: true });
  }
  await expect.poll(() => tab.messages('a')).toEqual(['once']);
  expect((await server.stats()).opened).toBe(3);
});

test('without ids of the server, repeated messages are detected by dedupKey', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url('none') });
  await tab.page.evaluate(() => {
    const { client, inbox } = window.kit;
    const dedupKey = (message: unknown): string => (message as { key: string }).key;
    for (const [by, options] of Object.entries({ keyed: { dedupKey }, plain: {} })) {
      client.subscribe(by, options, (message, meta) => inbox.push({ by, message, meta }));
    }
  });
  for (const channel of ['keyed', 'plain']) {
    await tab.untilChannel(channel);
    for (const key of ['a', 'b', 'a', 'c']) await server.publish(channel, { key });
  }
  const keys = async (by: string): Promise<unknown[]> =>
    (await tab.messages(by)).map((message) => (message as { key: string }).key);
  await expect.poll(() => keys('plain')).toEqual(['a', 'b', 'a', 'c']);
  expect(await keys('keyed')).toEqual(['a', 'b', 'c']);
  expect((await tab.metrics()).duplicatesDropped).toBe(1);
});
