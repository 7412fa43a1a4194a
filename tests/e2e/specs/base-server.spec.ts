/** The original server rules alone, with nothing configured but `url` and `getToken`. */
import type { Page } from '@playwright/test';
import { RawServer, welcome } from '../support/raw-server.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

/** The frames the page sends, parsed. */
function framesOf(page: Page): Record<string, unknown>[] {
  const frames: Record<string, unknown>[] = [];
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => frames.push(JSON.parse(String(payload)))),
  );
  return frames;
}

test('messages are sent merged into the frame and delivered whole', async ({ newTab, server }) => {
  const [tab, other] = [await newTab(), await newTab()];
  const frames = framesOf(tab.page);
  for (const each of [tab, other]) {
    await each.client({ url: server.url('none') });
    await each.subscribe('a', 'news');
    await each.untilChannel('news');
  }
  await tab.send('s', 'news', { text: 'hello', type: 'chat' });
  const { ack } = await tab.settled('s');
  expect(ack).toEqual({ confirmed: false });
  expect((await tab.sendReport('s')).status).toBe('sent');

  expect(frames.map(({ type }) => type)).toEqual(['auth', 'chat']);
  expect(frames[1]).toEqual({ type: 'chat', channel: 'news', text: 'hello' });

  await server.publish('news', { text: 'from outside' });
  const outside = { type: 'channel_message', channel: 'news', text: 'from outside' };
  await expect.poll(() => other.messages('a')).toContainEqual(outside);
  expect(await other.messages('a')).toContainEqual(
    expect.objectContaining({ channel: 'news', text: 'hello' }),
  );
  const [connection] = await server.connections();
  expect(connection?.features).toEqual([]);
  expect(connection?.received).toEqual({ auth: 1, channel_message: 1 });
});

test('the token is sent as a subprotocol and in the first frame', async ({ tab }) => {
  const server = await RawServer.start();
  const token = signToken();
  await tab.client({ url: server.url }, () => token);
  await tab.subscribe('a', 'news');
  await tab.until('ready');
  expect(server.offered).toEqual([['jwt', token]]);
  expect(server.addresses).toEqual(['/socket']);
  expect(server.frames[0]).toMatchObject({ type: 'auth', token });
  expect(server.frames[0]?.client).toMatch(/^tidewire\/\d/);
  await server.stop();
});

test('a token that is not a valid subprotocol is sent in the frame only', async ({ tab }) => {
  const server = await RawServer.start();
  await tab.client({ url: server.url }, () => 'not a (legal) subprotocol');
  await tab.subscribe('a', 'news');
  await tab.until('ready');
  expect(server.offered).toEqual([['']]);
  expect(server.frames[0]).toMatchObject({ token: 'not a (legal) subprotocol' });
  await server.stop();
});

test('every frame with a channel is a message of it, whatever its type', async ({ tab }) => {
  const server = await RawServer.start();
  await tab.client({ url: server.url });
  await tab.subscribe('a', 'news');
  await tab.subscribe('default', 'default');
  await tab.until('ready');
  const relayed = [
    { type: 'channel_message', channel: 'news', n: 1, id: 'x' },
    { type: 'typing', channel: 'news', n: 2 },
    { type: 'subscribed', channel: 'news', ref: 1 },
    { type: 'ack', channel: 'news', id: 'x', status: 'ok' },
    { channel: 'news', n: 1, id: 'x' },
  ];
  for (const frame of relayed) server.send(frame);
  server.send({ type: 'channel_message', text: 'without a channel' });
  await expect.poll(() => tab.messages('a')).toEqual(relayed);
  await expect.poll(() => tab.messages('default')).toHaveLength(1);
  expect((await tab.metrics()).invalidFrames).toBe(0);
  await server.stop();
});

test('pings of either side are answered', async ({ tab }) => {
  const server = await RawServer.start();
  await tab.client({ url: server.url, heartbeat: { everyMs: 300, timeoutMs: 2_000 } });
  await tab.subscribe('a', 'news');
  await tab.until('ready');
  server.send({ type: 'ping' });
  await expect.poll(() => server.frames.filter(({ type }) => type === 'pong')).toHaveLength(1);
  await expect
    .poll(() => server.frames.filter(({ type }) => type === 'ping').length)
    .toBeGreaterThanOrEqual(2);
  expect(await tab.reasonsFor('reconnecting')).toEqual([]);
  await server.stop();
});

test('a message that looks like a control frame is rejected, and nothing is sent', async ({
  tab,
}) => {
  const server = await RawServer.start();
  await tab.client({ url: server.url });
  await tab.subscribe('a', 'news');
  await tab.until('ready');
  await tab.send('control', 'news', { type: 'auth', token: 'mine' });
  await tab.send('elsewhere', 'news', { channel: 'other' });
  await tab.send('text', 'news', 'no object');
  for (const name of ['control', 'elsewhere']) {
    expect((await tab.settled(name)).failure).toMatchObject({ code: 'invalid_message' });
  }
  const { failure } = await tab.settled('text');
  expect(failure?.code).toBe('invalid_message');
  expect(failure?.hint).not.toBe('');
  expect(server.frames.map(({ type }) => type)).toEqual(['auth']);
  await server.stop();
});

test('nothing written to a socket is sent again after a lost connection', async ({ tab }) => {
  const server = await RawServer.start();
  await tab.client({ url: server.url, reconnect: { maxMs: 100 } });
  await tab.subscribe('a', 'news');
  await tab.until('ready');
  await tab.send('s', 'news', { n: 1 });
  await tab.settled('s');
  server.close(1011);
  await expect.poll(() => server.offered).toHaveLength(2);
  await tab.send('t', 'news', { n: 2 });
  await tab.settled('t');
  await expect
    .poll(() => server.frames.filter(({ channel }) => channel).map(({ n }) => n))
    .toEqual([1, 2]);
  await server.stop();
});

test('a server without authentication works with auth: none', async ({ tab }) => {
  const server = await RawServer.start(() => {});
  await tab.client({ url: server.url, auth: 'none' }, null);
  await tab.subscribe('a', 'news');
  await tab.until('ready');
  server.send({ type: 'channel_message', channel: 'news', n: 1 });
  await expect.poll(() => tab.messages('a')).toHaveLength(1);
  expect(server.frames).toEqual([]);
  await server.stop();
});

test('a connection without an auth answer fails after connectTimeoutMs', async ({ tab }) => {
  const server = await RawServer.start(() => {});
  await tab.client({ url: server.url, connectTimeoutMs: 500 });
  await tab.subscribe('a', 'news');
  await expect.poll(() => tab.reasonsFor('reconnecting')).toContain('connect_timeout');
  const error = (await tab.errors())[0];
  expect(error).toMatchObject({ code: 'connect_timeout', retryable: true });
  expect(error?.hint).toContain('auth_success');
  await server.stop();
});

test('unknown extensions of a server are ignored', async ({ tab }) => {
  const server = await RawServer.start(welcome(['teleport', 'subscribe']));
  await tab.client({ url: server.url });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  await server.stop();
});
