/** Invalid arguments throw at the call, which names them; a destroyed client throws at every call. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { engineError, freshPage, type Page, report } from './page.js';

let page: Page;
// biome-ignore lint/suspicious/noExplicitAny: what the types forbid is what is tested.
let client: any;

beforeEach(async () => {
  page = await freshPage();
  client = page.createRealtimeClient();
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;

describe('an invalid argument', () => {
  it.each([
    ['channel', () => client.subscribe('', {})],
    ['channel', () => client.subscribe(7, {})],
    ['channel', () => client.channel(undefined)],
    ['channel', () => client.send(null, 1)],
    ['options', () => client.subscribe('a', () => {})],
    ['options', () => client.send('a', 1, 'fast')],
    ['options', () => client.configure('fast')],
    ['options', () => page.createRealtimeClient('fast' as never)],
    ['getToken', () => client.configure({ getToken: 'secret' })],
    ['getToken', () => page.createRealtimeClient({ getToken: 'secret' as never })],
    ['callback', () => client.subscribe('a', {}, 'callback')],
    ['message', () => client.send('a', cycle)],
    ['message', () => client.send('a', 1n)],
    ['message', () => client.send('a', undefined)],
    ['message', () => client.send('a', () => {})],
    ['message', () => client.send('a', { deep: [() => {}] })],
    ['message', () => client.send('a', { deep: Symbol('s') })],
    ['event', () => client.on('', () => {})],
    ['listener', () => client.on('state', null)],
    ['name', () => page.channelManager.getChannel({ name: '' })],
  ])('%s: throws at the call', (argument, call) => {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(page.RealtimeError);
    expect(error).toMatchObject({ code: 'invalid_argument', retryable: false });
    expect((error as Error).message).toContain(argument);
    expect(client.state).toBe('idle');
    expect(page.double.starts).toBe(0);
  });

  it('hostile names are ordinary names', async () => {
    const started = page.double.nextEngine();
    const received = vi.fn();
    for (const name of ['__proto__', 'constructor', 'toString']) {
      client.channel(name).on(name, received);
    }
    const engine = await started;
    report(engine).message('__proto__', JSON.parse('{"__proto__":1}'), '__proto__');
    report(engine).message('constructor', 1, 'toString');
    expect(received).toHaveBeenCalledOnce();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('an option the engine rejects leaves the options unchanged', async () => {
    const started = page.double.nextEngine();
    client.subscribe('a', {});
    const engine = await started;
    page.double.beforeEachCall((method, [options]) => {
      if (method === 'configure' && (options as { lingerMs: number }).lingerMs < 0)
        throw engineError('invalid_argument');
    });
    expect(() => client.configure({ lingerMs: -1 })).toThrow(page.RealtimeError);
    client.configure({ maxChannels: 3 });
    expect(engine.of('configure')).toEqual([
      [{ maxChannels: 3, inflates: true, address: 'ws://localhost:3000/' }, false],
    ]);
  });
});

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

it.each([
  ['an object as token', () => client.setToken({ token: 't' } as never), 'token'],
  ['a number as token', () => client.setToken(5 as never), 'token'],
  ['a queue that is no object', () => client.configure({ queue: 5 as never }), 'queue'],
  ['a queue that cannot be read', () => client.configure({ queue: revoked() }), 'queue'],
])('%s is rejected at the call', (_, call, argument) => {
  expect(call).toThrow(
    expect.objectContaining({
      code: 'invalid_argument',
      message: expect.stringContaining(argument),
    }),
  );
  expect(() => client.send('a', 1)).not.toThrow();
});

it('a list among the options with a false length does not block', async () => {
  const events = new Proxy([], { get: () => Number.MAX_SAFE_INTEGER });
  const started = page.double.nextEngine();
  client.collection('endless', { events });
  expect((await started).of('openCollection')).toHaveLength(1);
});

it('a channel option of another type reaches the engine converted', async () => {
  let endless: object = {};
  for (let level = 0; level < 60; level++) endless = { a: endless, b: endless };
  const started = page.double.nextEngine();
  client.subscribe('a', { persistent: endless });
  client.subscribe('b', { idleTtlMs: endless });
  const options = (await started).of('subscribe').map((call) => call[2]);
  expect(options).toEqual([{ persistent: true }, { idleTtlMs: Number.NaN }]);
});

describe('a destroyed client', () => {
  it('throws at every call, and its state can still be read', async () => {
    const started = page.double.nextEngine();
    const states: string[] = [];
    client.on('state', (state: string) => states.push(state));
    const handle = client.channel('a');
    const sent = client.send('a', 1);
    const engine = await started;
    report(engine).state('ready');
    client.destroy();
    client.destroy();
    expect(engine.of('destroy')).toHaveLength(1);
    await expect(sent.acked).rejects.toMatchObject({ code: 'destroyed' });
    for (const call of [
      () => client.subscribe('a', {}),
      () => client.channel('a'),
      () => client.send('a', 1),
      () => client.connect(),
      () => client.disconnect(),
      () => client.configure({}),
      () => client.setToken(null),
      () => client.on('state', () => {}),
      () => handle.send(1),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'destroyed' }));
    }
    handle.release();
    expect(handle.state).toBe('left');
    expect(client.getSnapshot()).toMatchObject({ state: 'closed', quality: 'offline' });
    expect(client.getState()).toBe('disconnected');
    expect(states.at(-1)).toBe('closed');
    report(engine).state('ready');
    expect(client.state).toBe('closed');
    await vi.waitFor(() => expect(engine.of('free')).toHaveLength(1));
  });

  it('that was destroyed before the engine was loaded creates none', async () => {
    client.subscribe('a', {});
    client.destroy();
    await vi.waitFor(() => expect(page.double.starts).toBe(1));
    expect(page.double.engines).toHaveLength(0);
  });
});
