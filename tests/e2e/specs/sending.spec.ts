/** Sending: messages are queued, sent, acknowledged, or fail with a reason; two users receive each other's. */
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

test('a send needs no subscription, and has the statuses queued, sent, acked', async ({
  tab,
  server,
}) => {
  await tab.client({ url: server.url() });
  const marks = await tab.page.evaluate(async () => {
    const sent = window.kit.client.send('news', { n: 1 });
    const seen: string[] = [sent.status];
    const note = (): void => {
      if (seen.at(-1) !== sent.status) seen.push(sent.status);
    };
    // Every step of the client that could change it.
    for (const event of ['state', 'queue', 'change', 'channel'] as const) {
      window.kit.client.on(event, note);
    }
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (...values) {
      send.apply(this, values);
      queueMicrotask(note);
    };
    const ack = await sent.acked;
    note();
    return { seen, ack, id: sent.id };
  });
  expect(marks.seen).toEqual(['queued', 'sent', 'acked']);
  expect(marks.ack).toMatchObject({ confirmed: true });
  expect(await server.log('news')).toMatchObject([
    { seq: 1, id: marks.id, payload: { n: 1 }, user: 'ann' },
  ]);
  // Nothing needs the connection any more.
  await tab.until('idle');
});

test('the message is copied at the call', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  await tab.page.evaluate(() => {
    const message = { text: 'before' };
    window.kit.send('s', 'news', message);
    message.text = 'after';
  });
  await tab.settled('s');
  expect(await server.payloads('news')).toEqual([{ text: 'before' }]);
});

test('sends of one channel keep their order, over the engine’s loading too', async ({
  tab,
  server,
}) => {
  const names = Array.from({ length: 100 }, (_, n) => `m${n}`);
  await tab.client({ url: server.url() });
  await tab.page.evaluate(async (all) => {
    for (const [n, name] of all.entries()) {
      window.kit.send(name, 'news', name);
      if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  }, names);
  for (const name of names) await tab.settled(name);
  expect(await server.payloads('news')).toEqual(names);
});

test('two clients receive each other’s messages, and their own once', async ({
  newTab,
  server,
}) => {
  const [ann, bob] = [await newTab(), await newTab()];
  await ann.client({ url: server.url() }, () => signToken({ sub: 'ann' }));
  await bob.client({ url: server.url() }, () => signToken({ sub: 'bob' }));
  for (const tab of [ann, bob]) {
    await tab.subscribe('a', 'room');
    await tab.untilChannel('room');
  }
  await ann.send('s', 'room', 'hello bob', { event: 'chat' });
  await expect.poll(() => bob.messages('a')).toEqual(['hello bob']);
  await bob.send('s', 'room', 'hello ann', { event: 'chat' });
  await expect.poll(() => ann.messages('a')).toEqual(['hello bob', 'hello ann']);
  await expect.poll(() => bob.messages('a')).toEqual(['hello bob', 'hello ann']);
  const metas = (await ann.inbox('a')).map(({ meta }) => [meta.event, meta.own, meta.channel]);
  expect(metas).toEqual([
    ['chat', true, 'room'],
    ['chat', false, 'room'],
  ]);
});

test('a handle filters by event', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  await tab.page.evaluate(() => {
    const room = window.kit.client.channel('room');
    room.on('chat', (message, meta) => window.kit.inbox.push({ by: 'chat', message, meta }));
    room.on('*', (message, meta) => window.kit.inbox.push({ by: '*', message, meta }));
    Object.assign(window, { room });
    room.send('chat', { text: 'one' });
  });
  await tab.untilChannel('room');
  await server.publish('room', { text: 'two' }, 'left');
  await expect.poll(() => tab.messages('*')).toEqual([{ text: 'one' }, { text: 'two' }]);
  expect(await tab.messages('chat')).toEqual([{ text: 'one' }]);
  const released = await tab.page.evaluate(() => {
    const { room } = Object(window);
    room.release();
    room.release();
    return room.state;
  });
  expect(released).toBe('left');
  await tab.until('idle');
});

test('a rejected message has a reason, and others are not affected', async ({ tab, server }) => {
  await tab.client({ url: server.url() }, () => signToken({ channels: ['news'] }));
  await tab.send('rejected', 'secrets', 'let me in');
  await tab.send('fine', 'news', 'hello');
  const { status, failure } = await tab.settled('rejected');
  expect(status).toBe('failed');
  expect(failure).toMatchObject({ retryable: false });
  expect(['rejected', 'forbidden']).toContain(failure?.code);
  expect(failure?.hint).not.toBe('');
  expect((await tab.settled('fine')).status).toBe('acked');
  expect(await server.payloads('secrets')).toEqual([]);
});

test('a rejected membership has a reason, and others are not affected', async ({ tab, server }) => {
  await tab.client({ url: server.url() }, () => signToken({ channels: ['news'] }));
  await tab.subscribe('rejected', 'secrets');
  await tab.subscribe('fine', 'news');
  await expect.poll(() => tab.rejections('rejected')).toMatchObject([{ code: 'forbidden' }]);
  await tab.untilChannel('news');
  await tab.untilChannel('secrets', 'failed');
  await server.publish('news', 1);
  await expect.poll(() => tab.messages('fine')).toEqual([1]);
});

test('an ephemeral message reaches the others, is stored nowhere and never queued', async ({
  newTab,
  server,
}) => {
  const [ann, bob] = [await newTab(), await newTab()];
  await ann.client({ url: server.url() });
  await ann.send('early', 'room', 'typing', { ephemeral: true });
  expect((await ann.settled('early')).failure).toMatchObject({ code: 'not_connected' });
  for (const tab of [ann, bob]) {
    if (tab === bob) await tab.client({ url: server.url() });
    await tab.subscribe('a', 'room');
    await tab.untilChannel('room');
  }
  await ann.send('s', 'room', { typing: true }, { ephemeral: true, event: 'typing' });
  await expect.poll(() => bob.messages('a')).toEqual([{ typing: true }]);
  expect((await bob.inbox('a'))[0]?.meta).toMatchObject({ event: 'typing' });
  expect(await server.log('room')).toEqual([]);
});

test('a message lost with its connection is sent again and stored once', async ({
  tab,
  server,
}) => {
  await tab.listening(server.url());
  // The server receives nothing of it; then the connection is gone.
  await server.faults({ halfOpen: true });
  await tab.send('s', 'news', 'once');
  await expect.poll(async () => (await tab.sendReport('s')).status).toBe('sent');
  await server.faults({ clear: true });
  await server.faults({ drop: true });
  expect((await tab.settled('s')).status).toBe('acked');
  expect(await server.payloads('news')).toEqual(['once']);
  expect(await tab.messages('a')).toEqual(['once']);
});

test('no answer in time fails with ack_timeout, and an aborted one with aborted', async ({
  tab,
  server,
}) => {
  await tab.listening(server.url());
  await server.faults({ halfOpen: true });
  await tab.send('slow', 'news', 1, { timeoutMs: 300 });
  expect((await tab.settled('slow')).failure).toMatchObject({ code: 'ack_timeout' });
  await tab.page.evaluate(() => {
    const stop = new AbortController();
    window.kit.send('stopped', 'news', 2, { signal: stop.signal });
    stop.abort();
  });
  expect((await tab.settled('stopped')).failure).toMatchObject({ code: 'aborted' });
});

test('a message that expires, and one beyond a full queue, fail alone', async ({ tab, server }) => {
  await server.reject('hang');
  await tab.client({ url: server.url(), queue: { maxMessages: 2 } });
  await tab.subscribe('a', 'news');
  await tab.until('connecting');
  await tab.send('expires', 'news', 0, { ttlMs: 100 });
  expect((await tab.settled('expires')).failure).toMatchObject({ code: 'expired' });
  for (const name of ['one', 'two', 'three']) await tab.send(name, 'news', name);
  const { failure } = await tab.settled('three');
  expect(failure).toMatchObject({ code: 'queue_full', retryable: true });
  expect(failure?.hint).toContain('queue.maxMessages');
  expect((await tab.sendReport('one')).status).toBe('queued');
  await server.reject('off');
  for (const name of ['one', 'two']) expect((await tab.settled(name)).status).toBe('acked');
  expect(await server.payloads('news')).toEqual(['one', 'two']);
});

test('disconnect() closes until new demand, destroy() permanently', async ({ tab, server }) => {
  await tab.listening(server.url());
  await tab.page.evaluate(() => window.kit.client.disconnect());
  await expect.poll(() => server.openConnections()).toEqual([]);
  expect(await tab.send('s', 'news', 'new demand')).toBeNull();
  expect((await tab.settled('s')).status).toBe('acked');
  await tab.page.evaluate(() => window.kit.client.destroy());
  await expect.poll(() => server.openConnections()).toEqual([]);
  expect(await tab.state()).toBe('closed');
  expect(await tab.subscribe('b', 'news')).toMatchObject({ code: 'destroyed' });
});
