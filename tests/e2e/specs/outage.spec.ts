/** A server that is killed and restarted. */
import { REMOTE_HOST } from '../support/environment.js';
import { measured } from '../support/measurement.js';
import type { ReferenceServer } from '../support/server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';

const OUTAGE_MS = 10_000;
const CHANNELS = ['news', 'weather', 'sport'];

test.use({ serverOptions: { durable: true } });

async function joinAll(tab: Tab): Promise<void> {
  for (const channel of CHANNELS) await tab.subscribe(channel, channel);
  for (const channel of CHANNELS) await tab.untilChannel(channel);
}

/** Sends while the server is down. */
async function sendMeanwhile(tab: Tab): Promise<string[]> {
  const names = CHANNELS.flatMap((channel) => [`${channel}-1`, `${channel}-2`]);
  for (const name of names) {
    await tab.send(name, name.split('-')[0] ?? '', name);
    expect((await tab.sendReport(name)).status).toBe('queued');
  }
  return names;
}

async function expectAllDeliveredOnce(tab: Tab, server: ReferenceServer): Promise<void> {
  for (const channel of CHANNELS) {
    await tab.untilChannel(channel);
    const sent = [`${channel}-1`, `${channel}-2`];
    for (const name of sent) expect((await tab.settled(name)).status).toBe('acked');
    expect(await server.payloads(channel)).toEqual(['before', ...sent]);
    await expect.poll(() => tab.messages(channel)).toEqual(['before', ...sent]);
  }
  // The counters are those of the new process: one connection, and one join per channel.
  const [connection, ...others] = await server.openConnections();
  expect(others).toEqual([]);
  expect(connection?.channels.toSorted()).toEqual(CHANNELS.toSorted());
}

test('a server killed for 10 s while the page is offline: the client reconnects as soon as the page is online', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url() });
  await joinAll(tab);
  for (const channel of CHANNELS) await server.publish(channel, 'before');
  for (const channel of CHANNELS) await expect.poll(() => tab.messages(channel)).toHaveLength(1);
  await server.kill();
  await tab.offline();
  await tab.until('offline');
  await sendMeanwhile(tab);
  // The outage itself is what is tested.
  await tab.page.waitForTimeout(OUTAGE_MS);
  const attempts = (await tab.metrics()).connectionAttempts;
  await server.start();
  expect((await tab.metrics()).connectionAttempts, 'no attempts while offline').toBe(attempts);
  const online = await tab.now();
  await tab.online();
  await tab.until('ready');
  measured('killed for 10 s, ready after `online`', (await tab.since('ready')) - online, 1_000);
  expect((await tab.changes()).filter(({ reason }) => reason === 'online')).toHaveLength(1);
  await expectAllDeliveredOnce(tab, server);
});

test('a server killed for 10 s without a page event: the client reconnects within one backoff step', async ({
  tab,
  server,
}) => {
  const maxMs = 2_000;
  await tab.client({ url: server.url(), reconnect: { maxMs } });
  await joinAll(tab);
  for (const channel of CHANNELS) await server.publish(channel, 'before');
  for (const channel of CHANNELS) await expect.poll(() => tab.messages(channel)).toHaveLength(1);
  await server.kill();
  await tab.until('reconnecting');
  await sendMeanwhile(tab);
  // The outage itself is what is tested.
  await tab.page.waitForTimeout(OUTAGE_MS);
  const returned = await tab.now();
  await server.start();
  await tab.until('ready');
  measured('killed for 10 s, ready by backoff', (await tab.since('ready')) - returned, maxMs + 500);
  await expectAllDeliveredOnce(tab, server);
});

test('a client connects to a server on this machine while the page is offline', async ({
  newTab,
  server,
}) => {
  for (const host of ['127.0.0.1', 'localhost', 'app.localhost']) {
    const tab = await newTab();
    await tab.offline();
    await tab.listening(server.url().replace(REMOTE_HOST, host));
    await tab.offline();
    await server.publish('news', host);
    await expect.poll(() => tab.messages('a')).toContain(host);
    expect(await tab.reasonsFor('offline'), host).toEqual([]);
    expect((await tab.metrics()).connectionAttempts, host).toBe(1);
  }
});

test('connect() tries another host while the page is offline, a subscription waits', async ({
  tab,
  server,
}) => {
  await tab.offline();
  await tab.client({ url: server.url() });
  await tab.subscribe('a', 'news');
  await tab.until('offline');
  expect((await tab.metrics()).connectionAttempts).toBe(0);
  await tab.page.evaluate(() => window.kit.client.connect());
  await tab.untilChannel('news');
  await server.publish('news', 'hello');
  await expect.poll(() => tab.messages('a')).toEqual(['hello']);
  await tab.offline();
  await tab.until('offline');
});

test('a page that comes online during the backoff connects at once', async ({ tab, server }) => {
  // Without the event the backoff would be a minute on average.
  await tab.client({ url: server.url(), reconnect: { baseMs: 120_000, maxMs: 120_000 } });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  await server.kill();
  await tab.until('reconnecting');
  await server.start();
  await tab.online();
  await tab.until('ready');
});

test('messages in flight at a crash are settled, and none is duplicated', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url(), reconnect: { maxMs: 500 } });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  const names = Array.from({ length: 50 }, (_, n) => `m${n}`);
  await tab.page.evaluate((all) => {
    for (const name of all) window.kit.send(name, 'news', name);
  }, names);
  await server.kill();
  await server.start();
  for (const name of names) expect((await tab.settled(name)).status).toBe('acked');
  expect(await server.payloads('news')).toEqual(names);
});

test('a client fails after maxAttempts with a reason, and starts again on connect()', async ({
  tab,
  server,
}) => {
  await server.kill();
  await tab.client({ url: server.url(), reconnect: { baseMs: 10, maxMs: 20, maxAttempts: 3 } });
  await tab.subscribe('a', 'news');
  await tab.until('failed');
  expect(await tab.reasonsFor('failed')).toEqual(['gave_up']);
  const { code, hint } = await tab.page.evaluate(() => {
    const error = window.kit.client.error;
    return { code: error?.code, hint: error?.hint };
  });
  expect(code).toBe('gave_up');
  expect(hint).toContain('connect()');
  expect((await tab.metrics()).connectionAttempts).toBe(3);
  await server.start();
  await tab.page.evaluate(() => window.kit.client.connect());
  await tab.untilChannel('news');
});
