/** The older lazy client, in a page, against the reference server. */
import type { LazyPage } from '../site/legacy-lazy-client/main.js';
import { AppTab, buildApp } from '../support/app.js';
import { RawServer } from '../support/raw-server.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';
import { watchSockets } from '../support/wire.js';

type LazyTab = AppTab<LazyPage>;

let address: string;

test.beforeAll(async () => {
  address = await buildApp('legacy-lazy-client');
});

/** Waits until a method of the client returns this value. */
const until = (
  tab: LazyTab,
  member: 'getState' | 'isReady',
  value: string | boolean,
): Promise<void> =>
  expect
    .poll(() => tab.evaluate((page, name) => page.realtimeClient[name](), member), {
      message: member,
    })
    .toBe(value);

const received = (tab: LazyTab, name: string) =>
  tab.evaluate((page, which) => page.received[which]?.map(({ n }) => n), name);

const signIn = (tab: LazyTab, token: string | null = signToken()) =>
  tab.evaluate((page, given) => page.session.signIn(given), token);

test('subscribes, sends, counts, and reconnects after the last subscription was removed', async ({
  context,
  site,
  server,
}) => {
  const tab: LazyTab = await AppTab.open(context, site.origin + address, { url: server.url() });
  expect(await tab.evaluate((page) => page.lazyClient === page.realtimeClient)).toBe(true);
  expect(await tab.evaluate((page) => page.realtimeClient.STATES)).toEqual({
    DISCONNECTED: 'disconnected',
    CONNECTING: 'connecting',
    CONNECTED: 'connected',
    AUTHENTICATED: 'authenticated',
    ERROR: 'error',
  });
  expect(await tab.evaluate(({ realtimeClient: { state } }) => state)).toBe('disconnected');
  const empty = tab.evaluate((page) => page.realtimeClient.subscribe('', {}, null));
  await expect(empty).rejects.toThrow('A channel key is required.');

  // No user is signed in: the subscription and the message are queued until one is.
  await tab.evaluate((page) => page.subscribe('a', 'news'));
  expect(await tab.evaluate((page) => page.realtimeClient.connect())).toBe(false);
  await tab.evaluate((page) => page.realtimeClient.send('news', { n: 1, type: 'chat' }));
  expect((await server.stats()).opened).toBe(0);
  await signIn(tab);
  await until(tab, 'isReady', true);
  await expect.poll(() => received(tab, 'a')).toEqual([1]);
  expect(await tab.evaluate((page) => page.received.a?.[0])).toEqual({
    type: 'chat',
    channel: 'news',
    n: 1,
  });
  await server.publish('news', { n: 2 });
  await expect.poll(() => received(tab, 'a')).toEqual([1, 2]);
  expect(await tab.evaluate((page) => page.received.a?.[1]?.type)).toBe('channel_message');

  // Subscribing one function twice makes two subscriptions.
  await tab.evaluate((page) => {
    const [first] = page.subscribeTwice('news');
    first();
    first();
  });
  await server.publish('news', { n: 3 });
  await expect.poll(() => received(tab, 'twice')).toEqual([3]);

  const { state, isAuthenticated, subscriberCount, connectionId } = await tab.evaluate(
    ({ realtimeClient: client }) => ({
      state: client.state,
      isAuthenticated: client.isAuthenticated,
      subscriberCount: client.subscriberCount,
      connectionId: client.connectionId,
    }),
  );
  expect({ state, isAuthenticated, subscriberCount }).toEqual({
    state: 'authenticated',
    isAuthenticated: true,
    subscriberCount: 2,
  });
  expect(connectionId).toMatch(/./);
  expect(await tab.evaluate((page) => page.realtimeClient.connect())).toBe(true);

  // After a cut the uptimes add up, and the present connection has no end.
  const before = await tab.evaluate((page) => page.realtimeClient.getMetrics());
  expect(before).toMatchObject({
    isConnected: true,
    connectionAttempts: 1,
    successfulConnections: 1,
    errors: 0,
    subscriberCount: 2,
    channelCount: 1,
    disconnectTime: null,
  });
  await server.cut({ drop: true });
  await expect
    .poll(() => tab.evaluate((page) => page.realtimeClient.getMetrics().successfulConnections))
    .toBe(2);
  await server.publish('news', { n: 4 });
  await expect.poll(() => received(tab, 'a')).toEqual([1, 2, 3, 4]);
  const after = await tab.evaluate((page) => page.realtimeClient.getMetrics());
  expect(after.errors).toBe(1);
  expect(after.disconnectTime).toBeNull();
  expect(after.connectTime).toBeGreaterThan(before.connectTime ?? Infinity);
  expect(after.currentUptime).toBeLessThan(after.totalUptime);

  // The original client did not connect again after disconnect().
  await tab.evaluate((page) => page.realtimeClient.disconnect());
  await until(tab, 'getState', 'disconnected');
  expect(await tab.evaluate((page) => page.realtimeClient.subscriberCount)).toBe(0);
  const ended = await tab.evaluate((page) => page.realtimeClient.getMetrics());
  expect(ended.disconnectTime).toBeGreaterThan(after.connectTime ?? Infinity);
  expect(ended).toMatchObject({ currentUptime: 0, subscriberCount: 0, channelCount: 0 });
  await tab.evaluate((page) => page.subscribe('b', 'news'));
  await until(tab, 'isReady', true);
  // A subscriber that returns within a second finds the connection open.
  const { opened } = await server.stats();
  await tab.evaluate((page) => {
    page.unsubscribe('b');
    page.subscribe('b', 'news');
  });
  expect(await tab.evaluate((page) => page.realtimeClient.isReady())).toBe(true);
  expect((await server.stats()).opened).toBe(opened);
  await tab.evaluate((page) => page.unsubscribe('b'));
  expect(await tab.evaluate((page) => page.realtimeClient.isReady())).toBe(true);
  await until(tab, 'getState', 'disconnected');
  await tab.evaluate((page) => page.subscribe('c', 'news'));
  await until(tab, 'isReady', true);
  await server.publish('news', { n: 5 });
  await expect.poll(() => received(tab, 'c')).toEqual([5]);
  expect(await received(tab, 'b')).toEqual([]);
});

test('the frames are those of the original server', async ({ context, site, server }) => {
  const tab: LazyTab = await AppTab.open(context, site.origin + address, {
    url: server.url('none'),
  });
  const sockets = watchSockets(tab.page);
  const token = signToken();
  await signIn(tab, token);
  await tab.evaluate((page) => {
    page.subscribe('a', 'chat');
    page.realtimeClient.send('chat', { text: 'hello' });
    page.realtimeClient.send('chat', { type: 'typing', who: 'ann' });
  });
  await expect.poll(() => sockets[0]?.sent.length).toBe(3);
  const frames = sockets[0]?.sent.map((frame) => JSON.parse(String(frame)));
  expect(frames?.[0]).toMatchObject({ type: 'auth', token });
  expect(frames?.slice(1)).toEqual([
    { type: 'channel_message', channel: 'chat', text: 'hello' },
    { type: 'typing', channel: 'chat', who: 'ann' },
  ]);
  await server.publish('chat', { n: 1 });
  await expect.poll(() => received(tab, 'a')).toContain(1);
});

test('hidden pages connect when they are shown, and a new token keeps the connection', async ({
  context,
  site,
  server,
}) => {
  const tab: LazyTab = await AppTab.open(context, site.origin + address, { url: server.url() });
  await tab.setVisible(false);
  await signIn(tab);
  await tab.evaluate((page) => page.subscribe('a', 'news'));
  expect(await tab.evaluate((page) => page.realtimeClient.connect())).toBe(false);
  expect((await server.stats()).opened).toBe(0);
  await tab.setVisible(true);
  await until(tab, 'isReady', true);

  // Hidden while it connects, it closes too.
  await tab.evaluate((page) => page.unsubscribe('a'));
  await until(tab, 'getState', 'disconnected');
  await tab.page.evaluate(() => {
    (window as unknown as { page: LazyPage }).page.subscribe('a', 'news');
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await expect.poll(async () => (await server.stats()).open).toBe(0);
  await tab.setVisible(true);
  await until(tab, 'isReady', true);

  // Hidden, it closes; what is sent meanwhile is queued.
  await tab.setVisible(false);
  await until(tab, 'getState', 'disconnected');
  await tab.evaluate((page) => page.realtimeClient.send('news', { n: 1 }));
  await tab.setVisible(true);
  await expect.poll(() => received(tab, 'a')).toEqual([1]);

  const { opened } = await server.stats();
  const attempts = await tab.evaluate(
    (page) => page.realtimeClient.getMetrics().connectionAttempts,
  );
  await signIn(tab, signToken({ ttlMs: 500_000 }));
  await server.publish('news', { n: 2 });
  await expect.poll(() => received(tab, 'a')).toEqual([1, 2]);
  expect((await server.stats()).opened).toBe(opened);
  expect(await tab.evaluate((page) => page.realtimeClient.getMetrics().connectionAttempts)).toBe(
    attempts,
  );

  // Signed out, the page is disconnected; signed in again, everything is as it was.
  await signIn(tab, null);
  await until(tab, 'getState', 'disconnected');
  await signIn(tab);
  await until(tab, 'isReady', true);
  await server.publish('news', { n: 3 });
  await expect.poll(() => received(tab, 'a')).toEqual([1, 2, 3]);
});

test('a failed attempt resolves with false, and is followed by others', async ({
  context,
  site,
  server,
}) => {
  const tab: LazyTab = await AppTab.open(context, site.origin + address, { url: server.url() });
  await server.reject('handshake');
  await signIn(tab);
  expect(await tab.evaluate((page) => page.realtimeClient.connect())).toBe(false);
  await server.reject('off');
  await until(tab, 'isReady', true);
  expect(await tab.evaluate((page) => page.states)).toContain('connecting');
  // connect() keeps the connection open without a subscriber, until the last one is removed.
  await tab.evaluate((page) => page.subscribe('a', 'news'));
  await tab.evaluate((page) => page.unsubscribe('a'));
  await until(tab, 'getState', 'disconnected');
});

test('attempts that end before authentication are failures, and counted', async ({
  context,
  site,
}) => {
  const silent = await RawServer.start(() => {});
  const tab: LazyTab = await AppTab.open(context, site.origin + address, { url: silent.url });
  await tab.evaluate((page) =>
    page.shared.configure({
      connectTimeoutMs: 200,
      reconnect: { baseMs: 10, maxMs: 20, maxAttempts: 3 },
    }),
  );
  await signIn(tab);
  await tab.evaluate((page) => page.subscribe('a', 'news'));
  expect(await tab.evaluate((page) => page.realtimeClient.connect())).toBe(false);
  await until(tab, 'getState', 'error');
  expect(silent.addresses).toHaveLength(3);
  await silent.stop();
});

test.describe('with frequent heartbeats', () => {
  test.use({ serverOptions: { limits: { heartbeatMs: 200 } } });

  test('a server that stops answering is detected, on an open connection and during authentication', async ({
    context,
    site,
    server,
  }) => {
    const tab: LazyTab = await AppTab.open(context, site.origin + address, { url: server.url() });
    await tab.evaluate((page) =>
      page.shared.configure({ heartbeat: { timeoutMs: 200 }, connectTimeoutMs: 400 }),
    );
    await signIn(tab);
    await tab.evaluate((page) => page.subscribe('a', 'news'));
    await until(tab, 'isReady', true);
    await server.faults({ halfOpen: true });
    await expect.poll(async () => (await server.stats()).opened).toBe(2);
    await until(tab, 'isReady', true);
    expect(await tab.evaluate((page) => page.realtimeClient.getMetrics().errors)).toBe(1);

    await server.reject('hang');
    await server.cut({ drop: true });
    await until(tab, 'getState', 'connecting');
    await server.reject('off');
    await until(tab, 'isReady', true);
    await server.publish('news', { n: 1 });
    await expect.poll(() => received(tab, 'a')).toEqual([1]);
  });
});
