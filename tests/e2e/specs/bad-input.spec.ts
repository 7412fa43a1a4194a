/** Invalid input of the app: it is rejected at once with a clear error, and nothing else is affected. */
import type { Failure } from '../site/kit.js';
import { expect, test } from '../support/test.js';

test('bad arguments throw at once and name the argument', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  await tab.subscribe('a', 'news');
  const check = () =>
    tab.page.evaluate(() => {
      const { client } = window.kit;
      const loose = client as unknown as Record<string, (...values: unknown[]) => unknown>;
      const cycle: Record<string, unknown> = {};
      cycle.self = cycle;
      const cases: Record<string, () => unknown> = {
        'empty channel': () => client.subscribe('', {}, () => {}),
        'no channel': () => loose.subscribe?.(),
        'numeric channel': () => loose.subscribe?.(7, {}, () => {}),
        'callback no function': () => loose.subscribe?.('news', {}, 'call me'),
        'options no object': () => loose.subscribe?.('news', 'fast', () => {}),
        'empty handle': () => client.channel(''),
        'send without a channel': () => client.send('', { n: 1 }),
        cycle: () => client.send('news', cycle),
        bigint: () => client.send('news', { n: 1n }),
        undefined: () => client.send('news', undefined),
        function: () => client.send('news', { call: () => {} }),
        symbol: () => client.send('news', Symbol('s')),
        listener: () => loose.on?.('state', 'not a function'),
      };
      const received: Record<string, Failure | null> = {};
      for (const [name, work] of Object.entries(cases)) received[name] = window.kit.attempt(work);
      return received;
    });
  const named: Record<string, string> = {
    'empty channel': 'channel',
    'no channel': 'channel',
    'numeric channel': 'channel',
    'callback no function': 'callback',
    'options no object': 'options',
    'empty handle': 'channel',
    'send without a channel': 'channel',
    cycle: 'message',
    bigint: 'message',
    undefined: 'message',
    function: 'message',
    symbol: 'message',
  };
  // Before the engine is there, and with it.
  for (const moment of ['before', 'after']) {
    const received = await check();
    for (const [name, argument] of Object.entries(named)) {
      expect(received[name], `${name}, ${moment}`).toMatchObject({ code: 'invalid_argument' });
      expect(received[name]?.message, `${name}, ${moment}`).toContain(argument);
      expect(received[name]?.hint, `${name}, ${moment}`).not.toBe('');
    }
    await tab.untilChannel('news');
  }
  await server.publish('news', 'unharmed');
  await expect.poll(() => tab.messages('a')).toEqual(['unharmed']);
  const [connection, ...others] = await server.connections();
  expect(others).toEqual([]);
  expect(connection?.received).toEqual({ auth: 1, subscribe: 1 });
});

for (const [name, options] of [
  ['an unknown auth mode', { auth: 'other' }],
  ['a negative time', { lingerMs: -1 }],
  ['a time that is no number', { connectTimeoutMs: 'soon' }],
  ['a limit below its least value', { maxChannels: 0 }],
  ['a number without an end', { rejoin: Number.POSITIVE_INFINITY }],
  ['a negative number in a group', { queue: { maxMessages: -1 } }],
  ['a group that is no object', { reconnect: 5 }],
  ['a list of caps that is none', { reconnect: { caps: 5 } }],
  ['parameters that are a text', { params: 'a=b' }],
  ['an identity that is no text', { identity: 5 }],
  ['subprotocols that are no list', { protocols: 'a' }],
  ['an unknown serializer', { vsn: 2 }],
  ['an object that is to be a number', { lingerMs: { ms: 1 } }],
] as const) {
  test(`${name} is an invalid argument`, async ({ tab, server }) => {
    await tab.client({ url: server.url(), ...(options as object) });
    await tab.subscribe('a', 'news');
    await tab.until('failed');
    expect((await tab.errors()).at(-1)).toMatchObject({ code: 'invalid_argument' });
    expect((await tab.errors()).at(-1)?.message).toContain(Object.keys(options)[0]);
    expect((await server.stats()).opened).toBe(0);
  });
}

for (const [name, given] of [
  ['an ftp address', () => 'ftp://example.com/'],
  [
    'a url function that throws',
    () => {
      throw Error('no idea');
    },
  ],
] as const) {
  test(`${name} is reported as url_failed with a hint`, async ({ tab }) => {
    const received = await tab.page.evaluate(
      (source) =>
        new Promise<Omit<Failure, 'message'>>((resolve) => {
          const url = new Function(`return (${source})()`) as () => string;
          const client = window.tidewire.createRealtimeClient({ url });
          client.on('error', ({ code, hint, retryable }) => {
            client.destroy();
            resolve({ code, hint, retryable });
          });
          client.subscribe('news', {}, () => {});
        }),
      given.toString(),
    );
    // Retryable, since the next call may return a valid address.
    expect(received).toMatchObject({ code: 'url_failed', retryable: true });
    expect(received.hint).toContain('ws:');
  });
}

test('an invalid constant address is reported too', async ({ tab }) => {
  await tab.client({ url: 'ftp://example.com/' });
  await tab.subscribe('a', 'news');
  await expect.poll(() => tab.errorCodes()).toContain('url_failed');
});

test('hostile names are ordinary names', async ({ tab, server }) => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a b/ü?#&', '💧'];
  await tab.client({ url: server.url() });
  for (const name of names) expect(await tab.subscribe(name, name)).toBeNull();
  for (const name of names) await tab.untilChannel(name);
  for (const name of names) await server.publish(name, { to: name });
  for (const name of names) {
    await expect.poll(() => tab.messages(name)).toEqual([{ to: name }]);
    await tab.send(name, name, { from: name });
    expect((await tab.settled(name)).status).toBe('acked');
  }
});

for (const [server, features] of [
  ['an enveloping server', undefined],
  ['a base server', 'none'],
] as const) {
  test(`hostile keys of a message are transferred as data, by ${server}`, async ({
    newTab,
    server: reference,
  }) => {
    const [tab, other] = [await newTab(), await newTab()];
    for (const each of [tab, other]) {
      await each.client({ url: reference.url(features) });
      await each.subscribe('a', 'news');
      await each.untilChannel('news');
    }
    // Parsed in the page: as a literal, `__proto__` would set the prototype.
    const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"n":3}';
    await tab.page.evaluate((json) => window.kit.send('s', 'news', JSON.parse(json)), text);
    await tab.settled('s');
    await expect.poll(() => other.messages('a')).toHaveLength(1);
    const seen = await other.page.evaluate(() => {
      const message = window.kit.inbox[0]?.message as object;
      return {
        keys: Object.keys(message),
        own: JSON.stringify(message),
        polluted: Object({}).polluted,
        prototype: Object.getPrototypeOf(message) === Object.prototype,
      };
    });
    expect(seen.keys).toEqual(expect.arrayContaining(['__proto__', 'constructor', 'n']));
    expect(seen.own).toContain('"__proto__":{"polluted":1}');
    expect(seen.polluted).toBeUndefined();
    expect(seen.prototype).toBe(true);
  });
}

test.describe('with a server that accepts 1 MiB', () => {
  test.use({ serverOptions: { limits: { maxFrameBytes: 1 << 20 } } });

  test('only the message over the server’s limit fails', async ({ tab, server }) => {
    await tab.listening(server.url());
    await tab.page.evaluate(() => {
      window.kit.send('big', 'news', 'x'.repeat(2 << 20));
      window.kit.send('small', 'news', 'small');
    });
    expect((await tab.settled('big')).failure).toMatchObject({ code: 'message_too_large' });
    expect((await tab.settled('small')).status).toBe('acked');
    expect((await server.stats()).opened).toBe(1);
  });
});

test('a failed promise that is not awaited is no unhandled rejection', async ({ tab, server }) => {
  await tab.client({ url: server.url() });
  const rejections = await tab.page.evaluate(async () => {
    let count = 0;
    window.addEventListener('unhandledrejection', () => count++);
    const { client } = window.kit;
    client.send('news', 'never observed', { ttlMs: 0 });
    client.connect();
    client.destroy();
    await new Promise((resolve) => setTimeout(resolve));
    return count;
  });
  expect(rejections).toBe(0);
});
