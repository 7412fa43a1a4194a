/** The engine is loaded when it is needed, once, and told in order what was asked before. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { engineError, freshPage, type Page, say } from './page.js';

let page: Page;
beforeEach(async () => {
  page = await freshPage();
});

describe('before the first need', () => {
  it('importing and looking load nothing and leave no trace', async () => {
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

  it('configure, setToken and disconnect are no need', async () => {
    const client = page.createRealtimeClient();
    client.configure({ lingerMs: 5 });
    client.setToken('secret');
    client.disconnect();
    expect(client.state).toBe('idle');
    const started = page.double.nextEngine();
    client.subscribe('a', {});
    const engine = await started;
    expect(engine.options).toEqual({ lingerMs: 5, inflates: true });
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

it('replays what was asked in the order it was asked', async () => {
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

it('a call made by a callback during the replay comes after what waited', async () => {
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

it('a subscribe and unsubscribe pair before the engine is there leaves nothing to tell it', async () => {
  const client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  client.subscribe('a', {})();
  expect(client.state).toBe('idle');
  client.subscribe('a', {});
  const engine = await started;
  expect(engine.of('subscribe')).toHaveLength(1);
  expect(engine.of('unsubscribe')).toHaveLength(0);
});

it('makes no engine when all was taken back, and one at the next need', async () => {
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

it('bad options fail what waits, and good ones let the next call start', async () => {
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

describe('the wasm option', () => {
  it('takes a compiled module', async () => {
    const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const started = page.double.nextEngine();
    page.createRealtimeClient({ wasm: module }).subscribe('a', {});
    expect((await started).options).not.toHaveProperty('wasm');
  });

  it('falls back to the built-in copy', async () => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    const started = page.double.nextEngine();
    page.createRealtimeClient({ wasm: Uint8Array.of(1, 2, 3) }).subscribe('a', {});
    await started;
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
  });
});

describe('when the engine cannot start', () => {
  it('says which directive a Content-Security-Policy lacks, at once', async () => {
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
    client.subscribe('a', {});
    await started;
  });

  it('tries a few times to load it, with growing waits', async () => {
    vi.useFakeTimers();
    try {
      vi.doMock('../../pkg-template/src/sources.js', () => ({
        importCore: () => {
          attempts += 1;
          return Promise.reject(TypeError('Failed to fetch'));
        },
        importInline: () => Promise.resolve(),
      }));
      let attempts = 0;
      const waits: number[] = [];
      const setTimeout = vi.spyOn(globalThis, 'setTimeout');
      const { createRealtimeClient } = await freshPage();
      const { acked } = createRealtimeClient().send('a', 1);
      await vi.runAllTimersAsync();
      await expect(acked).rejects.toMatchObject({
        code: 'engine_unavailable',
        cause: { message: 'Failed to fetch' },
      });
      for (const [, wait] of setTimeout.mock.calls) waits.push(wait as number);
      expect(attempts).toBe(waits.length + 1);
      expect(waits).toEqual([...waits].sort((a, b) => a - b));
      expect(new Set(waits).size).toBe(3);
    } finally {
      vi.doUnmock('../../pkg-template/src/sources.js');
      vi.useRealTimers();
    }
  });
});

it('goes back to idle if the engine finds nothing to do', async () => {
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

it('a disconnect made meanwhile holds', async () => {
  const client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  client.subscribe('a', {});
  client.disconnect();
  const engine = await started;
  expect(client.state).toBe('idle');
  say(engine).state('connecting');
  expect(client.state).toBe('connecting');
});
