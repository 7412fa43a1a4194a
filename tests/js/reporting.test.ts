/** An error without a listener is one warning; unknown names of options are reported. */
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { ClientOptions } from '../../pkg-template/src/index.js';
import { distance, unknownNames } from '../../pkg-template/src/option-names.js';
import { type EngineDouble, engineError, freshPage, type Page, report } from './page.js';

let page: Page;
let client: ReturnType<Page['createRealtimeClient']>;
let engine: EngineDouble;
let warned: MockInstance<typeof console.warn>;

/** Makes the client and its engine. */
async function open(options: ClientOptions = {}): Promise<void> {
  client = page.createRealtimeClient(options);
  const started = page.double.nextEngine();
  client.subscribe('base', {});
  engine = await started;
}

beforeEach(async () => {
  page = await freshPage();
  warned = vi.spyOn(console, 'warn').mockReturnValue();
  vi.spyOn(console, 'info').mockReturnValue();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The warnings so far, after the task of the last error. */
async function warnings(): Promise<string[]> {
  // The outcome of a send takes some microtasks.
  for (let n = 0; n < 2; n++) await new Promise((resolve) => setTimeout(resolve));
  return warned.mock.calls.map((values) => values.join(' '));
}

/** Makes the engine reject a send. */
function reject(code = 'rejected'): void {
  report(engine).send(engine.of('send').at(-1)?.[0], 'failed', engineError(code));
}

/** Errors, how a test causes them, and their warnings without a listener. */
const failures: [what: string, fail: () => unknown, warning: RegExp][] = [
  [
    'of the connection that is lost',
    () => report(engine).state('reconnecting', 'connection_lost', engineError('connection_lost')),
    /^\[tidewire\] connection_lost: It is connection_lost\. Do something\.$/,
  ],
  [
    'of the connection that failed',
    () => report(engine).state('failed', 'auth_denied', engineError('auth_denied')),
    /^\[tidewire\] auth_denied: It is auth_denied\. Do something\.$/,
  ],
  [
    'of the connection that stays open',
    () => report(engine).error(engineError('server_error')),
    /^\[tidewire\] server_error: /,
  ],
  [
    'of a channel that failed',
    () => report(engine).channel('base', 'failed', 'fresh', channelError('forbidden')),
    /^\[tidewire\] forbidden \(base\): It is forbidden\. Do something\.$/,
  ],
  [
    'of a frame of a channel',
    () => report(engine).error(channelError('rate_limited'), 'base'),
    /^\[tidewire\] rate_limited \(base\): /,
  ],
  [
    'of a send',
    () => {
      client.send('base', 1);
      reject();
    },
    /^\[tidewire\] rejected \(base\): /,
  ],
  [
    'of presence',
    () => {
      client.channel('base').presence.track({});
      const [number] = engine.of('presence').at(-1) ?? [];
      report(engine).send(number, 'failed', engineError('forbidden'));
    },
    /^\[tidewire\] forbidden \(base\): /,
  ],
  [
    'of a collection that is not loaded',
    () => {
      client.collection('rows');
      const [number] = engine.of('openCollection').at(-1) ?? [];
      report(engine).collection(number, { error: channelError('load_failed', 'rows') });
    },
    /^\[tidewire\] load_failed \(rows\): /,
  ],
  [
    'of a change of a collection',
    () => {
      client.collection('rows').insert({ id: '1' });
      const [, mutation] = engine.of('mutate').at(-1) ?? [];
      report(engine).mutation(mutation, 'failed', engineError('conflict'));
    },
    /^\[tidewire\] conflict \(rows\): /,
  ],
];

const channelError = (code: string, channel = 'base') => ({ ...engineError(code), channel });

describe.each(failures)('an error %s', (_, fail, warning) => {
  it('is one warning without a listener, however often it occurs', async () => {
    await open();
    fail();
    expect(await warnings()).toEqual([expect.stringMatching(warning)]);
    fail();
    fail();
    expect(await warnings()).toHaveLength(1);
  });

  it.each([
    ['an error listener', () => client.on('error', () => {})],
    ['logger: false', () => client.configure({ logger: false })],
    ['a logger, which gets it instead', () => client.configure({ logger: () => {} })],
  ])('is no warning with %s', async (_, silence) => {
    await open();
    silence();
    fail();
    expect(await warnings()).toEqual([]);
  });

  it('is one warning with debug: true, with message, hint and cause', async () => {
    await open({ debug: true });
    fail();
    await warnings();
    expect(warned.mock.calls).toEqual([
      [
        '[tidewire]',
        expect.any(String),
        expect.objectContaining({
          error: expect.stringMatching(/^\w+$/),
          message: expect.stringContaining('It is'),
          hint: 'Do something.',
        }),
      ],
    ]);
  });
});

it('different codes and different channels are warnings of their own', async () => {
  await open();
  client.subscribe('other', {});
  for (const code of ['forbidden', 'not_found']) {
    for (const channel of ['base', 'other']) {
      report(engine).channel(channel, 'failed', 'fresh', channelError(code, channel));
    }
  }
  const heads = (await warnings()).map((warning) => warning.replace(/:.*/, ''));
  expect(heads).toEqual([
    '[tidewire] forbidden (base)',
    '[tidewire] forbidden (other)',
    '[tidewire] not_found (base)',
    '[tidewire] not_found (other)',
  ]);
});

it('channels and sends that fail with the connection cause no further warnings', async () => {
  await open();
  client.send('base', 1);
  const denied = channelError('auth_denied');
  report(engine).channel('base', 'failed', 'fresh', denied);
  report(engine).send(engine.of('send')[0]?.[0], 'failed', denied);
  report(engine).state('failed', 'auth_denied', engineError('auth_denied'));
  expect(await warnings()).toEqual([expect.stringContaining('[tidewire] auth_denied:')]);
});

it('the number of warnings for failing channels is bounded', async () => {
  await open();
  for (let n = 0; n < 300; n++) {
    client.subscribe(`c${n}`, {});
    report(engine).channel(`c${n}`, 'failed', 'fresh', channelError('forbidden', `c${n}`));
  }
  const { length } = await warnings();
  expect(length).toBeGreaterThan(1);
  expect(length).toBeLessThanOrEqual(100);
});

describe('it is handled by an app that', () => {
  it('has an onError on one subscriber of the channel', async () => {
    await open();
    const reported = vi.fn();
    client.subscribe('base', { onError: reported });
    report(engine).channel('base', 'failed', 'fresh', channelError('forbidden'));
    report(engine).error(channelError('rate_limited'), 'base');
    expect(reported).toHaveBeenCalledTimes(2);
    expect(await warnings()).toEqual([]);
  });

  it.each([
    ['catches', (sent) => sent.acked.catch(() => {})],
    ['awaits', (sent) => (async () => await sent.acked)().catch(() => {})],
    ['races', (sent) => Promise.race([sent.acked, new Promise(() => {})]).catch(() => {})],
    ['finally sees', (sent) => sent.acked.finally(() => {}).catch(() => {})],
  ] satisfies [string, (sent: ReturnType<typeof client.send>) => unknown][])(
    '%s the outcome of a send',
    async (_, observe) => {
      await open();
      observe(client.send('base', 1));
      reject();
      expect(await warnings()).toEqual([]);
      client.send('base', 2);
      reject();
      expect(await warnings()).toHaveLength(1);
    },
  );

  it('catches connect(), when that fails', async () => {
    await open();
    client.connect().catch(() => {});
    report(engine).state('failed', 'auth_denied', engineError('auth_denied'));
    expect(await warnings()).toEqual([]);
  });

  it('starts to listen in the same task', async () => {
    await open();
    report(engine).channel('base', 'failed', 'fresh', channelError('forbidden'));
    const sent = client.send('base', 1);
    reject();
    client.on('error', () => {});
    sent.acked.catch(() => {});
    expect(await warnings()).toEqual([]);
  });

  it('aborted the message or destroyed the client', async () => {
    await open();
    const control = new AbortController();
    client.send('base', 1, { signal: control.signal });
    control.abort();
    reject('aborted');
    client.send('base', 2);
    client.destroy();
    expect(await warnings()).toEqual([]);
  });
});

describe('the error listener', () => {
  it('gets the errors of channels too, with their channel', async () => {
    await open();
    const errors = vi.fn();
    client.on('error', errors);
    report(engine).channel('base', 'failed', 'fresh', channelError('forbidden'));
    report(engine).channel('base', 'joining', 'fresh', channelError('join_timeout'), 'retry');
    expect(errors.mock.calls.map(([{ code, channel }]) => [code, channel])).toEqual([
      ['forbidden', 'base'],
      ['join_timeout', 'base'],
    ]);
  });

  it('receives errors of replayed calls', async () => {
    page.double.beforeEachCall((method, [, channel]) => {
      if (method === 'subscribe' && channel === 'full') throw channelError('channel_limit', 'full');
    });
    const errors = vi.fn();
    client = page.createRealtimeClient();
    client.on('error', errors);
    const started = page.double.nextEngine();
    const handle = client.channel('full');
    await started;
    expect(errors).toHaveBeenCalledExactlyOnceWith(handle.error);
    expect(handle).toMatchObject({ state: 'failed', error: { code: 'channel_limit' } });
  });
});

it('an error of a replayed call is one warning', async () => {
  page.double.beforeEachCall((method, [, channel]) => {
    if (method === 'subscribe' && channel === 'full') throw channelError('channel_limit', 'full');
  });
  client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  client.subscribe('full', {});
  await started;
  expect(await warnings()).toEqual([expect.stringContaining('channel_limit (full)')]);
});

it('no error contains a token that a server repeats', async () => {
  await open({ debug: true });
  client.setToken('opaque-secret');
  // The server may still name a token that was replaced.
  client.setToken('newer-secret');
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';
  const cause = {
    code: 'opaque-secret',
    message: `token ${jwt}, newer-secret and opaque-secret are unknown`,
  };
  report(engine).state('failed', 'auth_denied', { ...engineError('auth_denied'), cause });
  await warnings();
  const printed = JSON.stringify([warned.mock.calls, client.error, client.error?.message]);
  expect(printed).toContain('token [token], [token] and [token] are unknown');
  expect(printed).not.toMatch(/eyJ|-secret/);
});

describe('unknown names of options', () => {
  it.each([
    [{ reconect: {} }, 'client option "reconect"', '"reconnect"'],
    [{ reconnect: { maxms: 1 } }, 'client option "reconnect.maxms"', '"reconnect.maxMs"'],
    [{ token: 'x' }, 'client option "token"', '"getToken"'],
    [{ queue: { maxMessage: 1 } }, 'client option "queue.maxMessage"', '"queue.maxMessages"'],
    [{ hearbeat: false }, 'client option "hearbeat"', '"heartbeat"'],
    [{ constructor: 1 }, 'client option "constructor"', ''],
  ])('%j are named, with the nearest right one', async (options, name, nearest) => {
    await open(options as ClientOptions);
    client.configure({ ...options } as ClientOptions);
    const [warning, ...others] = await warnings();
    expect(others).toEqual([]);
    expect(warning).toContain(`invalid_argument: There is no ${name}.`);
    expect(warning).toContain(nearest && `Did you mean ${nearest}?`);
  });

  it.each([
    ['a channel', () => client.subscribe('a', { persistant: true } as object), 'persistent'],
    ['a handle', () => client.channel('a', { onerror() {} } as object), 'onError'],
    [
      'a collection',
      () => client.collection('a', { events: { inserted: 'x' } } as object),
      'events.insert',
    ],
    ['a send', () => client.send('a', 1, { timeout: 1 } as object), 'timeoutMs'],
    ['configure', () => client.configure({ maxChannel: 1 } as object), 'maxChannels'],
  ])('are named for %s', async (_, use, nearest) => {
    await open();
    use();
    use();
    expect(await warnings()).toEqual([expect.stringContaining(`Did you mean "${nearest}"?`)]);
  });

  it('are errors for a listener, and silenced by logger: false', async () => {
    const errors = vi.fn();
    client = page.createRealtimeClient({ lingerms: 1 } as object);
    client.on('error', errors);
    const started = page.double.nextEngine();
    client.subscribe('a', {});
    await started;
    expect(errors).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'invalid_argument', hint: 'Did you mean "lingerMs"?' }),
    );
    await open({ lingerms: 1, logger: false } as object);
    expect(await warnings()).toEqual([]);
  });

  it('are ignored where their value is undefined', async () => {
    await open({ later: undefined } as object);
    expect(await warnings()).toEqual([]);
  });
});

it.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'ab', 1],
  ['ab', 'abc', 1],
  ['kitten', 'sitting', 3],
])('the distance from %j to %j is %i', (a, b, letters) => {
  expect(distance(a, b)).toBe(letters);
});

it('unknown names within objects and lists are found with their nearest names', () => {
  expect(
    unknownNames({ a: { b: 1, c: 2 }, d: [{ b: 1 }, { e: 1 }] }, { a: { b: 0 }, d: { b: 0 } }),
  ).toEqual([
    { path: 'a.c', nearest: 'a.b' },
    { path: 'd.e', nearest: 'd.b' },
  ]);
});
