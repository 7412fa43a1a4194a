/** A crashed engine is replaced; subscriptions and unsent messages are carried over. */
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';

// The crash itself is rethrown, as it should be.
test.use({ uncaught: 'expected' });

/**
 * Crashes the engine in its next step. It reads the clock in every step, so what is thrown there leaves it
 * through its own functions and half-way through its work, like a trap of its own.
 */
async function crash(tab: Tab): Promise<void> {
  await tab.page.evaluate(() => {
    const now = Date.now;
    Date.now = () => {
      Date.now = now;
      throw new WebAssembly.RuntimeError('unreachable');
    };
    try {
      window.kit.client.getMetrics();
    } finally {
      Date.now = now;
    }
  });
}

test('subscriptions continue, and the channel reports a gap', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  await tab.subscribe('a', 'news');
  await tab.subscribe('b', 'weather');
  await tab.untilChannel('news');
  await tab.untilChannel('weather');
  await crash(tab);
  await expect.poll(() => tab.errorCodes()).toContain('engine_failed');
  await tab.untilChannel('news');
  await tab.untilChannel('weather');
  await server.publish('news', 1);
  await server.publish('weather', 2);
  await expect.poll(() => tab.messages('a')).toEqual([1]);
  await expect.poll(() => tab.messages('b')).toEqual([2]);
  const gaps = await tab.page.evaluate(() => window.kit.gaps.map(({ channel }) => channel));
  expect(gaps.toSorted()).toEqual(['news', 'weather']);
  await expect.poll(() => server.openConnections(), 'the old socket is closed').toHaveLength(1);
});

test('a message that was not transmitted is sent by the next engine', async ({ tab, server }) => {
  await tab.listening(server.url());
  await tab.offline();
  await tab.until('offline');
  await tab.send('waiting', 'news', 'hello');
  await crash(tab);
  await expect.poll(() => tab.errorCodes()).toContain('engine_failed');
  expect((await tab.sendReport('waiting')).status).toBe('queued');
  await tab.online();
  expect((await tab.settled('waiting')).status).toBe('acked');
  expect(await server.payloads('news')).toEqual(['hello']);
});

test('an unanswered message fails, since its outcome is unknown', async ({ tab, server }) => {
  await tab.listening(server.url());
  await server.faults({ halfOpen: true });
  await tab.send('transmitted', 'news', 'hello');
  await expect.poll(async () => (await tab.sendReport('transmitted')).status).toBe('sent');
  await crash(tab);
  expect((await tab.settled('transmitted')).failure).toMatchObject({ code: 'engine_failed' });
  await tab.untilChannel('news');
});

test('a message that was transmitted once is not replayed, even if it is queued again', async ({
  tab,
  server,
}) => {
  await tab.listening(server.url());
  await server.faults({ halfOpen: true });
  await tab.send('transmitted', 'news', 'hello');
  await expect.poll(async () => (await tab.sendReport('transmitted')).status).toBe('sent');
  await tab.offline();
  await tab.until('offline');
  await crash(tab);
  expect((await tab.settled('transmitted')).failure).toMatchObject({ code: 'engine_failed' });
});

test('the fourth crash within a minute is final', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  await tab.subscribe('a', 'news');
  for (let crashes = 1; crashes <= 3; crashes++) {
    await tab.untilChannel('news');
    await crash(tab);
  }
  await tab.untilChannel('news');
  await crash(tab);
  await tab.until('failed');
  expect(await tab.rejections('a')).toMatchObject([{ code: 'engine_failed' }]);
  await expect.poll(() => server.openConnections()).toEqual([]);
});
