/** Invalid frames of a server: counted, reported once, dropped; the connection stays. */
import { RawServer, welcome } from '../support/raw-server.js';
import { expect, test } from '../support/test.js';

const NONSENSE: [name: string, data: string | Uint8Array][] = [
  ['no JSON', 'hello there'],
  ['broken JSON', '{"type":"channel_message",'],
  ['nothing', ''],
  ['binary', new Uint8Array([0, 255, 1, 254])],
  ['empty binary', new Uint8Array()],
  ['null', 'null'],
  ['a number', '42'],
  ['a string', '"ping"'],
  ['a list', '[{"type":"pong"}]'],
  ['no type', '{}'],
  ['an unknown type', '{"type":"mystery"}'],
  ['a type that is none', '{"type":{"type":"ping"}}'],
  ['a type from the prototype', '{"type":"__proto__"}'],
  [
    'over the limit',
    JSON.stringify({ type: 'channel_message', channel: 'news', x: 'x'.repeat(1 << 20) }),
  ],
  ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
];

for (const [kind, features] of [
  ['a base server', undefined],
  ['an extended server', ['subscribe', 'envelope', 'ack', 'reauth', 'ephemeral']],
] as const) {
  test(`invalid frames of ${kind} are counted and dropped`, async ({ tab }) => {
    const server = await RawServer.start(welcome(features && [...features]));
    await tab.client({ url: server.url, maxFrameBytes: 1 << 20 });
    await tab.subscribe('a', 'news');
    await tab.subscribe('b', 'weather');
    await tab.untilChannel('news');
    await tab.untilChannel('weather');
    for (const [, data] of NONSENSE) server.raw(data);
    server.send({ type: 'channel_message', channel: 'news', payload: 1 });
    server.send({ type: 'channel_message', channel: 'weather', payload: 2 });
    await expect.poll(() => tab.messages('b')).toHaveLength(1);
    expect(await tab.messages('a')).toHaveLength(1);
    expect((await tab.metrics()).invalidFrames).toBe(NONSENSE.length);
    // Reported once per connection, whatever their number.
    const errors = await tab.errors();
    expect(errors.map(({ code }) => code)).toEqual(['invalid_frame']);
    expect(errors[0]?.hint).not.toBe('');
    expect(server.offered, 'the connection stayed').toHaveLength(1);
    expect(await tab.state()).toBe('ready');
    await server.stop();
  });
}

test('invalid control frames have no effect', async ({ tab }) => {
  const server = await RawServer.start(welcome(['subscribe', 'envelope', 'ack', 'ephemeral']));
  await tab.client({ url: server.url });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  const frames = [
    { type: 'subscribed', channel: 'news', ref: 'a string' },
    { type: 'subscribed', channel: 'unknown', ref: 1e300 },
    { type: 'subscribed', channel: 'news', ref: -1 },
    { type: 'unsubscribed', channel: 'news', ref: 9_999, code: 'internal' },
    { type: 'ack', channel: 'news', id: 'never sent', status: 'ok' },
    { type: 'ack', channel: 'news', id: 7, status: {} },
    { type: 'channel_message', channel: '__proto__', payload: 1 },
    { type: 'channel_message', channel: 'constructor', payload: 1 },
    { type: 'channel_message', channel: ['news'], payload: 1 },
    { type: 'channel_message', channel: '', payload: 1 },
    { type: 'ephemeral', channel: 'constructor', event: 5 },
    { type: 'auth_success', features: 'all of them', expiresInMs: 'never', heartbeatMs: -5 },
    { type: 'pong', heads: 'none' },
    { type: 'error', channel: 'news', ref: 3.5 },
  ];
  for (const frame of frames) server.send(frame);
  server.raw('{"type":"channel_message","channel":"news","payload":{"__proto__":{"polluted":1}}}');
  server.send({ type: 'channel_message', channel: 'news', payload: 'last' });
  await expect.poll(() => tab.messages('a')).toContain('last');
  expect(await tab.page.evaluate(() => Object({}).polluted)).toBeUndefined();
  expect(await tab.state()).toBe('ready');
  await tab.untilChannel('news');
  expect(server.offered).toHaveLength(1);
  await server.stop();
});

test('frames before authentication have no effect', async ({ tab }) => {
  const server = await RawServer.start(({ type }, self) => {
    if (type !== 'auth') return;
    self.raw('nonsense first');
    self.send({ type: 'mystery' });
    self.send({ type: 'auth_success' });
  });
  await tab.client({ url: server.url });
  await tab.subscribe('a', 'news');
  await tab.until('ready');
  expect((await tab.metrics()).invalidFrames).toBe(2);
  await server.stop();
});
