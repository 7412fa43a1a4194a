/** The engine is loaded when it is needed, once, and the queued calls are replayed in order. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chunk } from '../../pkg-template/src/chunk.js';
import { engineError, freshPage, type Page, report } from './page.js';

let page: Page;
beforeEach(async () => {
  page = await freshPage();
});

describe('before the first demand', () => {
  it('importing and reading state load nothing and change nothing on the page', async () => {
    const symbols = Object.getOwnPropertySymbols(globalThis).length;
    expect(page.realtimeClient.state).toBe('idle');
    const { getSnapshot, getMetrics, getChannelStats } = page.createRealtimeClient();
    expect(getSnapshot()).toEqual({
      state: 'idle',
      quality: 'offline',
      error: null,
      queueDepth: 0,
    });
    expect(getMetrics()).toMatchObject({ messagesReceived: 0, isConnected: false });
    expect(getChannelStats()).toEqual({ totalChannels: 0, channels: [] });
    expect(page.double.starts).toBe(0);
    expect(Object.getOwnPropertySymbols(globalThis).length).toBeLessThanOrEqual(symbols + 1);
  });

  it('configure, setToken and disconnect do not load the engine', async () => {
    const client = page.createRealtimeClient();
    client.configure({ lingerMs: 5 });
    client.setToken('secret');
    client.disconnect();
    expect(client.state).toBe('idle');
    const started = page.double.nextEngine();
    client.subscribe('a', {});
    const engine = await started;
    expect(engine.options).toEqual({
      lingerMs: 5,
      inflates: true,
      address: 'ws://localhost:3000/',
    });
    expect(engine.calls.map(([method]) => method)).toEqual(['setToken', 'subscribe']);
  });
});

describe.each([
  ['subscribe', (client) => client.subscribe('a', {})],
  ['channel', (client) => client.channel('a')],
  ['collection', (client) => client.collection('a')],
  ['send', (client) => client.send('a', {})],
  ['connect', (client) => client.connect()],
] satisfies [string, (client: ReturnType<Page['createRealtimeClient']>) => unknown][])(
  'the first %s',
  (_, use) => {
    it('loads the engine', async () => {
      const client = page.createRealtimeClient();
      const started = page.double.nextEngine();
      use(client);
      expect(client.state).toBe('connecting');
      await started;
      expect(page.double.starts).toBe(1);
    });
  },
);

it('replays the calls in their order', async () => {
  const client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  client.subscribe('a', {});
  client.send('a', 1);
  client.disconnect();
  client.subscribe('b', {});
  client.connect();
  const engine = await started;
  expect(engine.calls.map(([method]) => method)).toEqual([
    'subscribe',
    'send',
    'disconnect',
    'subscribe',
    'connect',
  ]);
});

it('a call made by a callback during the replay follows the queued ones', async () => {
  const client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  page.double.beforeEachCall((method, [, channel]) => {
    if (method === 'subscribe' && channel === 'full') throw engineError('channel_limit');
  });
  client.subscribe('full', { onError: () => client.send('late', 2) });
  client.send('early', 1);
  const engine = await started;
  expect(engine.of('send').map(([, channel]) => channel)).toEqual(['early', 'late']);
});

it('a subscribe and unsubscribe pair before the engine is loaded leaves nothing to replay', async () => {
  const client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  client.subscribe('a', {})();
  expect(client.state).toBe('idle');
  client.subscribe('a', {});
  const engine = await started;
  expect(engine.of('subscribe')).toHaveLength(1);
  expect(engine.of('unsubscribe')).toHaveLength(0);
});

it('creates no engine when all calls were cancelled, and one at the next demand', async () => {
  const client = page.createRealtimeClient();
  client.subscribe('a', {})();
  await vi.waitFor(() => expect(page.double.starts).toBe(1));
  expect(page.double.engines).toHaveLength(0);
  const started = page.double.nextEngine();
  client.subscribe('a', {});
  expect((await started).of('subscribe')).toHaveLength(1);
});

it('two clients share one wasm instance and nothing else', async () => {
  const [one, two] = [page.createRealtimeClient(), page.createRealtimeClient()];
  one.subscribe('a', {});
  two.subscribe('a', {});
  await vi.waitFor(() => expect(page.double.engines).toHaveLength(2));
  expect(page.double.starts).toBe(1);
});

it('invalid options fail the queued calls, and valid ones let the next call start', async () => {
  page.double.beforeEachCall((method, [options]) => {
    if (method === 'new' && (options as { lingerMs?: number }).lingerMs === -1)
      throw engineError('invalid_argument');
  });
  const client = page.createRealtimeClient({ lingerMs: -1 });
  const sent = client.send('a', 1);
  await expect(sent.acked).rejects.toMatchObject({ code: 'invalid_argument' });
  expect(client.state).toBe('failed');
  client.configure({ lingerMs: 1 });
  const started = page.double.nextEngine();
  client.send('a', 2);
  await started;
});

describe('preload()', () => {
  it('loads the chunks and starts nothing', async () => {
    const loads = await withSources({});
    loads.page.preload();
    await vi.waitFor(() => expect(loads).toMatchObject({ core: 1, inline: 1 }));
    const { state } = loads.page.createRealtimeClient();
    expect([state, loads.page.double.starts]).toEqual(['idle', 0]);
  });

  it('that fails has no effect on the first call', async () => {
    let isDown = true;
    const loads = await withSources({ fail: () => isDown });
    loads.page.preload();
    await vi.waitFor(() => expect(loads.core).toBe(1));
    isDown = false;
    const started = loads.page.double.nextEngine();
    loads.page.createRealtimeClient().subscribe('a', {});
    await started;
  });
});

describe('the wasm option', () => {
  it('accepts a compiled module', async () => {
    const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const started = page.double.nextEngine();
    page.createRealtimeClient({ wasm: module }).subscribe('a', {});
    expect((await started).options).not.toHaveProperty('wasm');
  });

  it('falls back to the built-in copy, which is loaded only then', async () => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    const loads = await withSources({});
    const { double, createRealtimeClient } = loads.page;
    const started = double.nextEngine();
    createRealtimeClient({ wasm: Uint8Array.of(1, 2, 3) }).subscribe('a', {});
    await started;
    expect(warned).toHaveBeenCalledOnce();
    expect(loads.inline).toBe(1);
    warned.mockRestore();
  });

  it('does not load the built-in copy where it works', async () => {
    const loads = await withSources({});
    const wasm = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const started = loads.page.double.nextEngine();
    loads.page.createRealtimeClient({ wasm }).subscribe('a', {});
    await started;
    expect(loads).toMatchObject({ core: 1, inline: 0 });
  });

  it('that fails is passed to the logger if there is one', async () => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    const logger = vi.fn();
    const started = page.double.nextEngine();
    page.createRealtimeClient({ wasm: Uint8Array.of(1, 2, 3), logger }).subscribe('a', {});
    await started;
    expect(warned).not.toHaveBeenCalled();
    expect(logger).toHaveBeenCalledWith(expect.objectContaining({ level: 'warn', event: 'wasm' }));
    warned.mockRestore();
  });
});

describe('when the engine cannot start', () => {
  it('names the missing directive of a Content-Security-Policy, at once', async () => {
    const compile = vi
      .spyOn(WebAssembly, 'compile')
      .mockRejectedValue(new WebAssembly.CompileError("blocked: 'unsafe-eval' is not allowed"));
    const client = page.createRealtimeClient();
    const failures: unknown[] = [];
    client.subscribe('a', { onError: (error) => failures.push(error) });
    const handle = client.channel('b');
    const sent = client.send('a', 1);
    const error = await client.connect().catch((error) => error);
    expect(error).toBeInstanceOf(page.RealtimeError);
    expect(error).toMatchObject({ code: 'engine_unavailable', retryable: true });
    expect(error.hint).toContain("'wasm-unsafe-eval'");
    expect(failures).toEqual([error]);
    expect(handle).toMatchObject({ state: 'failed', error });
    await expect(sent.acked).rejects.toBe(error);
    expect(client).toMatchObject({ state: 'failed', error });
    compile.mockRestore();

    const started = page.double.nextEngine();
    client.subscribe('c', {});
    const engine = await started;
    expect(engine.of('subscribe').map(([, channel]) => channel)).toEqual(['a', 'b', 'c']);
  });

  it('compiles it with backoff, however many calls there are', async () => {
    const compile = vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new Error('blocked'));
    const client = page.createRealtimeClient({ logger: false });
    for (let n = 0; n < 5; n++) await client.connect().catch(() => {});
    expect(compile).toHaveBeenCalledTimes(2);
    const error = await client.send('a', 1).acked.catch((error) => error);
    expect(error).toMatchObject({ code: 'engine_unavailable', message: /blocked/ });
    compile.mockRestore();
  });
});

/** A page whose chunks load or fail as the test decides. */
async function withSources({ fail = () => false }: { fail?: () => boolean }) {
  const loads = { core: 0, inline: 0, page };
  vi.doMock('../../pkg-template/src/sources.js', () => ({
    importCore: () => {
      loads.core += 1;
      return fail()
        ? Promise.reject(TypeError('Failed to fetch'))
        : import('../../pkg-template/src/session/engine-host.js');
    },
    importInline: () => {
      loads.inline += 1;
      return import('../../pkg-template/src/core-inline.js' as string);
    },
  }));
  loads.page = await freshPage();
  vi.doUnmock('../../pkg-template/src/sources.js');
  return loads;
}

describe('while its chunk cannot be loaded', () => {
  let isDown: boolean;
  let loads: Awaited<ReturnType<typeof withSources>>;
  let client: ReturnType<Page['createRealtimeClient']>;
  beforeEach(async () => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    isDown = true;
    loads = await withSources({ fail: () => isDown });
    client = loads.page.createRealtimeClient();
    client.on('error', (error) => errors.push(error));
    errors.length = 0;
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  const errors: unknown[] = [];

  /** The numbers of attempts after so many seconds each. */
  const attempts = async (...seconds: number[]): Promise<number[]> => {
    const counts = [];
    for (const time of seconds) {
      await vi.advanceTimersByTimeAsync(time * 1_000);
      counts.push(loads.core);
    }
    return counts;
  };

  it('is retried with backoff as long as it is needed, and reports the error', async () => {
    const unsubscribe = client.subscribe('a', {});
    expect(await attempts(0, 0.4, 1.6, 6, 23, 23)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(client).toMatchObject({
      state: 'connecting',
      error: { code: 'engine_unavailable', retryable: true, cause: { message: 'Failed to fetch' } },
    });
    expect(errors).toEqual([client.error]);
    unsubscribe();
    expect(client.state).toBe('idle');
    expect(await attempts(0, 600)).toEqual([6, 6]);
    client.subscribe('a', {});
    expect(await attempts(0)).toEqual([7]);
  });

  it('serves every subscriber and send once it is loaded', async () => {
    const failed = vi.fn();
    client.subscribe('before', { onError: failed });
    const [sent, connected] = [client.send('before', 1), client.connect()];
    await attempts(60);
    const handle = client.channel('meanwhile', { onError: failed });
    isDown = false;
    const started = loads.page.double.nextEngine();
    await attempts(30);
    const engine = await started;
    const calls = engine.calls.map(([method]) => method).filter((method) => method !== 'poll');
    expect(calls).toEqual(['subscribe', 'send', 'connect', 'subscribe']);
    expect([sent.status, handle.state]).toEqual(['queued', 'joining']);
    expect(failed).not.toHaveBeenCalled();
    report(engine).state('ready');
    await connected;
    expect(client.error).toBeNull();
  });

  it.each([
    ['the network is restored', () => dispatchEvent(new Event('online'))],
    ['the page becomes visible', () => document.dispatchEvent(new Event('visibilitychange'))],
    ['connect() is called', () => client.connect()],
  ])('is tried at once when %s', async (_, happen) => {
    client.subscribe('a', {});
    const [before] = await attempts(60);
    happen();
    expect(await attempts(0)).toEqual([Number(before) + 1]);
  });

  it('is not retried after disconnect(), until connect()', async () => {
    client.subscribe('a', {});
    await attempts(0);
    client.disconnect();
    expect(await attempts(0, 600)).toEqual([1, 1]);
    expect(client.state).toBe('idle');
    isDown = false;
    const started = loads.page.double.nextEngine();
    client.connect();
    await attempts(0);
    expect((await started).of('subscribe')).toHaveLength(1);
  });

  it('is not retried after destroy()', async () => {
    client.subscribe('a', {});
    await attempts(0);
    client.destroy();
    expect(await attempts(600)).toEqual([1]);
    expect(client.state).toBe('closed');
  });

  it('sends wait within the bounds of the queue and of their ttlMs', async () => {
    client.configure({ queue: { maxMessages: 2, ttlMs: 5_000 } });
    const [long, short] = [client.send('a', 1, { ttlMs: 40_000 }), client.send('a', 2)];
    const third = client.send('a', 3);
    await expect(third.acked).rejects.toMatchObject({ code: 'queue_full', channel: 'a' });
    await attempts(4.9);
    expect([long.status, short.status]).toEqual(['queued', 'queued']);
    await attempts(0.2);
    await expect(short.acked).rejects.toMatchObject({ code: 'expired', channel: 'a' });
    expect(client.getSnapshot().queueDepth).toBe(1);
    isDown = false;
    const started = loads.page.double.nextEngine();
    await attempts(30);
    expect((await started).of('send').map(([, , text]) => text)).toEqual(['1']);
    await attempts(60);
    expect(long.status).toBe('queued');
  });
});

describe('a chunk', () => {
  it('that failed in Firefox, which caches the failure, is imported from another address', async () => {
    const address = 'data:text/javascript,export%20const%20loaded%20=%20true;//';
    const load = vi.fn(() =>
      Promise.reject(TypeError(`error loading dynamically imported module: ${address}`)),
    );
    const importIt = chunk(load);
    await expect(importIt()).rejects.toThrow('error loading');
    await expect(importIt()).resolves.toMatchObject({ loaded: true });
    await importIt();
    expect(load).toHaveBeenCalledOnce();
  });

  it('that failed elsewhere is imported from its own address', async () => {
    const load = vi.fn(() =>
      Promise.reject(
        TypeError('Failed to fetch dynamically imported module: http://a.test/core.js'),
      ),
    );
    const importIt = chunk(load);
    for (let n = 0; n < 3; n++) await expect(importIt()).rejects.toThrow('Failed to fetch');
    expect(load).toHaveBeenCalledTimes(3);
  });
});

it('returns to idle if the engine has nothing to do', async () => {
  const client = page.createRealtimeClient();
  const states: unknown[] = [];
  client.on('state', (state, { reason }) => states.push([state, reason]));
  page.double.beforeEachCall((method) => {
    if (method === 'subscribe') throw engineError('channel_limit');
  });
  const started = page.double.nextEngine();
  client.subscribe('full', {});
  await started;
  expect(states).toEqual([
    ['connecting', 'demand'],
    ['idle', 'no_demand'],
  ]);
});

it('a disconnect before the engine is loaded takes effect', async () => {
  const client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  client.subscribe('a', {});
  client.disconnect();
  const engine = await started;
  expect(client.state).toBe('idle');
  report(engine).state('connecting');
  expect(client.state).toBe('connecting');
});
