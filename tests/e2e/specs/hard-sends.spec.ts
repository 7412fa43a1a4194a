/** Requests that end the connection, channels that fail, and messages that are too large. */
import { deflateRawSync } from 'node:zlib';
import { type Answer, RawServer, welcome } from '../support/raw-server.js';
import { expect, test } from '../support/test.js';

const ACK = ['subscribe', 'envelope', 'ack'];
const SEQ = [...ACK, 'seq'];

/** Acknowledges every message but those that contain `poison`: these close the connection. */
const closing =
  (code: number): Answer =>
  (frame, server) => {
    welcome(ACK)(frame, server);
    if (frame.type !== 'channel_message') return;
    if (JSON.stringify(frame).includes('poison')) server.close(code);
    else server.send({ type: 'ack', channel: frame.channel, id: frame.id, status: 'ok' });
  };

for (const [code, failure] of [
  [1009, 'message_too_large'],
  [1011, 'unconfirmed'],
] as const) {
  test(`a message that is answered by ${code} fails, and the others are sent`, async ({ tab }) => {
    const server = await RawServer.start(closing(code));
    await tab.listening(server.url);
    for (const name of ['one', 'poison', 'two']) await tab.send(name, 'news', name);
    expect((await tab.settled('poison')).failure).toMatchObject({ code: failure, channel: 'news' });
    for (const name of ['one', 'two']) {
      expect((await tab.settled(name)).ack).toMatchObject({ confirmed: true });
    }
    await tab.send('three', 'news', 'three');
    expect((await tab.settled('three')).ack).toMatchObject({ confirmed: true });
    expect(server.frames.filter(({ payload }) => payload === 'poison').length).toBeLessThan(3);
    expect(server.offered.length).toBeLessThan(4);
    await server.stop();
  });
}

test('messages before authentication and without a position are not delivered', async ({ tab }) => {
  const message = { type: 'channel_message', channel: 'news', id: 'x', epoch: 'e' };
  const server = await RawServer.start((frame, self) => {
    if (frame.type === 'auth') self.send({ ...message, seq: 1, payload: 'early' });
    welcome(SEQ)(frame, self);
  });
  await tab.listening(server.url);
  server.send({ ...message, payload: 'nowhere' });
  server.send({ ...message, seq: 1, payload: 'first' });
  await expect.poll(() => tab.messages('a')).toEqual(['first']);
  expect((await tab.metrics()).invalidFrames).toBe(2);
  expect(await tab.errorCodes()).toEqual(['invalid_frame']);
  await server.stop();
});

test('a send on a failed channel fails at once with its error', async ({ tab }) => {
  const server = await RawServer.start((frame, self) => {
    const { type, channel, ref } = frame;
    const rejection = { code: 'forbidden', message: 'no', retryable: false };
    if (type === 'subscribe') self.send({ type: 'error', channel, ref, ...rejection });
    else welcome(SEQ)(frame, self);
  });
  await tab.client({ url: server.url });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news', 'failed');
  await tab.send('late', 'news', 1);
  expect((await tab.settled('late')).failure).toMatchObject({ code: 'forbidden', channel: 'news' });
  await server.stop();
});

const PAYLOAD = 'é'.repeat(600);
const place = (seq: number) => ({ channel: 'news', id: `x${seq}`, epoch: 'e', seq });
const oversize = (seq: number) => ({
  type: 'channel_message',
  ...place(seq),
  payload: { channel: 'other', seq: 9, text: PAYLOAD },
});

/** The message of a number, as servers may write it. */
const WRITTEN: [name: string, written: (seq: number) => string | Uint8Array][] = [
  ['as usual', (seq) => JSON.stringify(oversize(seq))],
  ['with spaces', (seq) => JSON.stringify(oversize(seq), undefined, 2)],
  [
    'compressed',
    (seq) => Buffer.concat([Buffer.of(1), deflateRawSync(JSON.stringify(oversize(seq)))]),
  ],
  [
    'with its payload first',
    (seq) => JSON.stringify({ payload: PAYLOAD, type: 'channel_message', ...place(seq) }),
  ],
  ['in an array', (seq) => JSON.stringify([oversize(seq)])],
];

for (const [name, written] of WRITTEN) {
  test(`a message over maxFrameBytes, ${name}, is a gap of exactly that message`, async ({
    tab,
  }) => {
    const server = await RawServer.start((frame, self) => {
      const { type, channel, ref } = frame;
      welcome([...SEQ, 'batch', 'deflate'])(frame, self);
      if (type !== 'recover') return;
      self.raw(written(2));
      self.send({ type: 'recovered', channel, ref, complete: true });
    });
    // Fewer UTF-16 units than that, and more bytes.
    await tab.client({ url: server.url, maxFrameBytes: 1_000 });
    await tab.subscribe('a', 'news');
    await tab.untilChannel('news');
    const small = (seq: number) => ({ type: 'channel_message', ...place(seq), payload: seq });
    server.send(small(1));
    server.raw(written(2));
    server.send(small(3));
    await expect.poll(() => tab.messages('a'), { timeout: 2_000 }).toEqual([1, 3]);
    expect(await tab.gaps()).toEqual([{ channel: 'news', from: 2, to: 2, epoch: 'e' }]);
    expect(await tab.continuity('news')).toBe('gap');
    expect(await tab.errorCodes()).toEqual(['invalid_frame']);
    expect(server.frames.filter(({ type }) => type === 'recover').length).toBeLessThan(2);
    await server.stop();
  });
}

test('two MiB are sent and received by default, and a message that can never fit fails with message_too_large', async ({
  tab,
}) => {
  const server = await RawServer.start(closing(1011));
  await tab.listening(server.url);
  const large = 'x'.repeat(2 << 20);
  server.send({ type: 'channel_message', channel: 'news', id: 'x', payload: large });
  await expect.poll(() => tab.count('a')).toBe(1);
  await tab.send('large', 'news', large);
  expect((await tab.settled('large')).ack).toMatchObject({ confirmed: true });
  await tab.send('huge', 'news', 'x'.repeat(9 << 20));
  expect((await tab.settled('huge')).failure).toMatchObject({
    code: 'message_too_large',
    retryable: false,
  });
  await server.stop();
});
