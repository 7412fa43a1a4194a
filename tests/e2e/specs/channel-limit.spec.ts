/** The limit of open channels: the channel beyond it fails, and the open ones are not affected. */
import type { ReferenceServer } from '../support/server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';

const CAP = 50;

/** Opens channels c0, c1, … in one task. */
async function open(tab: Tab, count: number): Promise<void> {
  await tab.page.evaluate((wanted) => {
    for (let n = 0; n < wanted; n++) window.kit.subscribe(`c${n}`, `c${n}`);
  }, count);
}

async function untilJoined(tab: Tab, count: number): Promise<void> {
  await expect
    .poll(async () => (await tab.channels()).filter(({ state }) => state === 'ready').length)
    .toBe(count);
}

async function expectAllReceive(tab: Tab, server: ReferenceServer): Promise<void> {
  await untilJoined(tab, CAP);
  for (let n = 0; n < CAP; n++) await server.publish(`c${n}`, n);
  for (let n = 0; n < CAP; n++) await expect.poll(() => tab.messages(`c${n}`)).toEqual([n]);
  const [connection, ...others] = await server.connections();
  expect(others).toEqual([]);
  expect(connection?.received.unsubscribe ?? 0).toBe(0);
  expect(connection?.received.subscribe).toBe(CAP);
}

test('with the engine loaded, the 51st throws channel_limit', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  await open(tab, CAP);
  await untilJoined(tab, CAP);
  const failure = await tab.subscribe('late', 'one-too-many');
  expect(failure).toMatchObject({ code: 'channel_limit' });
  expect(failure?.hint).toContain('maxChannels');
  await expectAllReceive(tab, server);
  expect(await tab.subscribe('more', 'c7'), 'an open channel takes more subscribers').toBeNull();
});

test('before the engine is loaded, the 51st fails on its handle and in onError', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url() });
  await tab.page.evaluate((cap) => {
    for (let n = 0; n < cap; n++) window.kit.subscribe(`c${n}`, `c${n}`);
    window.kit.subscribe('late', 'one-too-many');
    const handle = window.kit.client.channel('two-too-many');
    Object.assign(window, { handle });
  }, CAP);
  await expect.poll(() => tab.rejections('late')).toMatchObject([{ code: 'channel_limit' }]);
  const handle = await tab.page.evaluate(() => {
    const { state, error } = Object(window).handle;
    return { state, code: error?.code };
  });
  expect(handle).toEqual({ state: 'failed', code: 'channel_limit' });
  await expectAllReceive(tab, server);
});

test('an idle persistent channel is closed for a new one, the least recently used first', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url() });
  await tab.subscribe('older', 'idle-1', { persistent: true });
  await tab.subscribe('newer', 'idle-2', { persistent: true });
  await tab.untilChannel('idle-1');
  await tab.unsubscribe('older');
  await tab.unsubscribe('newer');
  // Used, although it has no subscriber.
  await tab.send('use', 'idle-1', 'hello');
  await tab.settled('use');
  await open(tab, CAP - 2);
  await untilJoined(tab, CAP);

  expect(await tab.subscribe('late', 'wanted')).toBeNull();
  await tab.untilChannel('wanted');
  await expect.poll(async () => (await server.stats()).unsubscribes).toEqual({ 'idle-2': 1 });
  expect((await tab.channels()).map(({ key }) => key)).toContain('idle-1');
  expect(await tab.channels()).toHaveLength(CAP);
});

test('a left channel does not count towards the limit', async ({ tab, server }) => {
  await tab.client({ url: server.url(), maxChannels: 2, lingerMs: 0 });
  await open(tab, 2);
  await untilJoined(tab, 2);
  expect(await tab.subscribe('late', 'third')).toMatchObject({ code: 'channel_limit' });
  await tab.unsubscribe('c0');
  await expect.poll(() => tab.channels()).toHaveLength(1);
  expect(await tab.subscribe('late', 'third')).toBeNull();
  await tab.untilChannel('third');
});
