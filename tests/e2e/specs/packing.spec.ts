/** Many frames in one WebSocket message, and large ones compressed. */
import { deflateRawSync } from 'node:zlib';
import { RawServer, welcome } from '../support/raw-server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';
import { watchSockets } from '../support/wire.js';

const CHANNELS = Array.from({ length: 30 }, (_, n) => `room-${n}`);
const BIG = Array.from({ length: 20_000 }, (_, n) => `line ${n}`).join('\n');

/** What the subscriber saw, a large text by its length. */
async function sizes(tab: Tab): Promise<unknown[]> {
  const messages = await tab.messages('a');
  return messages.map((message) => (message === BIG ? 'big' : message));
}

test('a reconnect with many channels and queued messages uses few socket messages', async ({
  tab,
  server,
}) => {
  const sockets = watchSockets(tab.page);
  await tab.client({ url: server.url(), reconnect: { baseMs: 20, maxMs: 200 } });
  for (const channel of CHANNELS) await tab.subscribe(channel, channel);
  for (const channel of CHANNELS) await tab.untilChannel(channel);
  await tab.offline();
  await tab.until('offline');
  for (const channel of CHANNELS) {
    await server.publish(channel, 'missed');
    for (const name of ['one', 'two']) await tab.send(`${channel}-${name}`, channel, name);
  }
  await tab.online();
  for (const channel of CHANNELS) {
    expect((await tab.settled(`${channel}-two`)).ack?.confirmed).toBe(true);
    expect(await server.payloads(channel)).toEqual(['missed', 'one', 'two']);
    await expect.poll(() => tab.messages(channel)).toEqual(['missed', 'one', 'two']);
  }
  const [connection] = await server.openConnections();
  expect(connection?.features).toEqual(expect.arrayContaining(['batch', 'deflate']));
  expect(connection?.received).toMatchObject({ subscribe: 30, channel_message: 60 });
  expect(sockets).toHaveLength(2);
  expect(sockets[1]?.sent.length, 'of 91 frames and more').toBeLessThan(45);
});

test('a large message is sent compressed, and in order with small ones around it', async ({
  tab,
  server,
}) => {
  const sockets = watchSockets(tab.page);
  await tab.listening(server.url());
  for (const message of [1, BIG, 2, BIG, 3]) await server.publish('news', message);
  await expect.poll(() => sizes(tab)).toEqual([1, 'big', 2, 'big', 3]);
  const binary = (sockets[0]?.received ?? []).filter((message) => typeof message !== 'string');
  expect(binary).toHaveLength(2);
  for (const message of binary) expect(message.length).toBeLessThan(BIG.length / 2);
  await tab.send('s', 'news', BIG);
  expect((await tab.settled('s')).ack?.confirmed).toBe(true);
  await expect.poll(() => sizes(tab)).toEqual([1, 'big', 2, 'big', 3, 'big']);
  expect((await tab.metrics()).invalidFrames).toBe(0);
});

test('missed messages are sent in batches too', async ({ tab, server }) => {
  await tab.client({ url: server.url(), visibility: { pauseAfterMs: 0 } });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  await tab.hide();
  await tab.until('paused');
  for (let n = 1; n <= 40; n++) await server.publish('news', n % 10 ? n : BIG);
  await tab.show();
  const expected = Array.from({ length: 40 }, (_, n) => ((n + 1) % 10 ? n + 1 : 'big'));
  await expect.poll(() => sizes(tab)).toEqual(expected);
  expect(await tab.continuity('news')).toBe('recovered');
});

test('a browser that cannot inflate receives text only', async ({ tab, server }) => {
  const sockets = watchSockets(tab.page);
  await tab.page.evaluate(() => {
    Reflect.deleteProperty(window, 'DecompressionStream');
  });
  await tab.listening(server.url());
  expect((await server.openConnections())[0]?.features).not.toContain('deflate');
  await server.publish('news', BIG);
  await expect.poll(() => sizes(tab)).toEqual(['big']);
  expect(sockets[0]?.received.every((message) => typeof message === 'string')).toBe(true);
});

test('a frame that cannot be inflated is counted and dropped, in order', async ({ tab }) => {
  const frame = (payload: unknown): Buffer =>
    Buffer.from(JSON.stringify({ type: 'channel_message', channel: 'news', payload }));
  const packed = (text: Buffer, format = 1): Uint8Array =>
    Buffer.concat([Buffer.from([format]), deflateRawSync(text)]);
  const nonsense = {
    nothing: new Uint8Array(),
    'a format alone': new Uint8Array([1]),
    'another format': packed(frame('in another format'), 2),
    'no DEFLATE': new Uint8Array([1, 255, 254, 253]),
    'broken off': packed(frame('broken off')).slice(0, -3),
    'no UTF-8': packed(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    'no JSON': packed(Buffer.from('hello')),
    'more than the limit': packed(frame('x'.repeat(1 << 20))),
  };
  const server = await RawServer.start(welcome(['subscribe', 'envelope', 'batch', 'deflate']));
  await tab.client({ url: server.url, maxFrameBytes: 1 << 20 });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  server.raw(packed(frame('first')));
  for (const data of Object.values(nonsense)) server.raw(data);
  server.raw(packed(frame('second')));
  server.raw(frame('third').toString());
  server.raw(packed(Buffer.from(`[${frame('fourth')},${frame('fifth')}]`)));
  server.close(4500);
  await expect
    .poll(() => tab.messages('a'))
    .toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
  expect((await tab.metrics()).invalidFrames).toBe(Object.keys(nonsense).length);
  // The close is processed after all frames.
  await expect.poll(() => server.offered.length).toBe(2);
  await server.stop();
});
