/** A hidden page closes its socket, and messages sent meanwhile are not lost. */
import { measured } from '../support/measurement.js';
import { expect, test } from '../support/test.js';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`);

test('hiding closes with 4000 after 5 s, showing reconnects, every send made meanwhile is delivered once', async ({
  tab,
  server,
}) => {
  await tab.listening(server.url());
  const hidden = await tab.now();
  await tab.hide();
  await tab.until('paused');
  expect(await tab.reasonsFor('paused')).toEqual(['hidden']);
  const pausedAfter = (await tab.since('paused')) - hidden;
  expect(pausedAfter).toBeGreaterThan(4_900);
  measured('hidden, socket closed', pausedAfter, 6_000);
  await expect.poll(() => server.openConnections()).toEqual([]);
  expect((await server.connections())[0]?.closeCode).toBe(4000);

  const names = numbered(20);
  for (const name of names) await tab.send(name, 'news', name);
  expect((await tab.sendReport('m0')).status).toBe('queued');
  await server.publish('news', 'from elsewhere');
  expect(await server.payloads('news')).toEqual(['from elsewhere']);

  const shown = await tab.now();
  await tab.show();
  for (const name of names) expect((await tab.settled(name)).status).toBe('acked');
  expect((await tab.changes()).filter(({ reason }) => reason === 'visible')).toHaveLength(1);
  measured('visible, connected again', (await tab.since('ready')) - shown, 1_000);
  expect(await server.payloads('news')).toEqual(['from elsewhere', ...names]);
  // Its own messages are received on the channel, each once.
  await expect.poll(() => tab.messages('a')).toEqual(expect.arrayContaining(names));
  expect((await tab.messages('a')).filter((message) => message !== 'from elsewhere')).toEqual(
    names,
  );
  expect((await server.stats()).opened).toBe(2);
});

test('a page shown in time keeps the socket', async ({ tab, server }) => {
  await tab.client({
    url: server.url(),
    visibility: { pauseAfterMs: 30_000 },
    probeTimeoutMs: 30_000,
  });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  await tab.hide();
  await tab.show();
  await tab.send('s', 'news', 'still open');
  expect((await tab.settled('s')).status).toBe('acked');
  expect((await server.stats()).opened).toBe(1);
});

test('the delay is an option, and false never pauses', async ({ newTab, server }) => {
  const [quick, never] = [await newTab(), await newTab()];
  await quick.client({ url: server.url(), visibility: { pauseAfterMs: 0 } });
  await never.client({ url: server.url(), visibility: false });
  for (const tab of [quick, never]) {
    await tab.subscribe('a', 'news');
    await tab.untilChannel('news');
    await tab.hide();
  }
  await quick.until('paused');
  await server.publish('news', 'received in the background');
  await expect.poll(() => never.messages('a')).toEqual(['received in the background']);
  expect(await server.openConnections()).toHaveLength(1);
});

test('freezing closes at once, and a subscriber that left meanwhile needs no connection', async ({
  tab,
  server,
}) => {
  await tab.listening(server.url());
  await tab.page.evaluate(() => document.dispatchEvent(new Event('freeze')));
  await tab.until('paused');
  expect(await tab.reasonsFor('paused')).toEqual(['frozen']);
  await tab.unsubscribe('a');
  await tab.page.evaluate(() => document.dispatchEvent(new Event('resume')));
  await tab.until('idle');
  expect((await server.stats()).opened).toBe(1);
});
