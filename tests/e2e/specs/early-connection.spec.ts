/** The connection is opened while the engine is loading, and the engine takes it over. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { welcome } from '../support/raw-server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

/** A promise that is resolved from outside. */
function pending<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Holds the engine back until it is released. The glue, which opens the socket, is loaded at once. */
async function holdEngine(tab: Tab): Promise<() => void> {
  const { promise, resolve } = pending<undefined>();
  await tab.page.route('**/core-inline*.js', async (route) => {
    await promise;
    await route.continue();
  });
  return () => resolve(undefined);
}

/** A server that shows its connections, and decides when, and whether, one is accepted. */
class Gate {
  readonly sockets: WebSocket[] = [];
  /** The subprotocols offered, by request. */
  readonly offered: string[] = [];
  readonly closeCodes: number[] = [];
  frames = 0;
  answersAuth = true;
  /** Decides on a request. */
  admit: () => boolean | Promise<boolean> = () => true;
  readonly #server: WebSocketServer;

  private constructor() {
    this.#server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      handleProtocols: (offered) => (offered.has('jwt') ? 'jwt' : false),
      verifyClient: async ({ req }, decide) => {
        this.offered.push(req.headers['sec-websocket-protocol'] ?? '');
        decide(await this.admit(), 503);
      },
    });
    const answer = welcome(['subscribe', 'seq']);
    this.#server.on('connection', (socket) => {
      this.sockets.push(socket);
      socket.on('close', (code) => this.closeCodes.push(code));
      socket.on('message', (data) => {
        this.frames++;
        const send = (frame: object) => socket.send(JSON.stringify(frame));
        for (const frame of [JSON.parse(data.toString())].flat()) {
          if (frame.type !== 'auth' || this.answersAuth) answer(frame, { send });
        }
      });
    });
  }

  static async start(): Promise<Gate> {
    const gate = new Gate();
    await once(gate.#server, 'listening');
    return gate;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

let gate: Gate;
let release: () => void;

test.beforeEach(async ({ tab }) => {
  gate = await Gate.start();
  release = await holdEngine(tab);
});

test.afterEach(() => gate.stop());

/** Subscribes, and waits until the server has the early connection. */
async function connectEarly(tab: Tab): Promise<void> {
  await tab.client({ url: gate.url });
  await tab.subscribe('a', 'news');
  await expect.poll(() => gate.sockets.length).toBe(1);
}

test('an open socket is taken over, with the frames that it has received', async ({ tab }) => {
  gate.answersAuth = false;
  await connectEarly(tab);
  // The only one: the server does not answer the authentication.
  gate.sockets[0]?.send(JSON.stringify({ type: 'auth_success', features: ['subscribe', 'seq'] }));
  expect(await tab.state()).toBe('connecting');
  release();
  await tab.untilChannel('news');
  expect(gate.sockets).toHaveLength(1);
  expect(tab.tokensGiven).toBe(1);
  expect((await tab.changes()).map(({ state }) => state)).toEqual([
    'connecting',
    'authenticating',
    'ready',
  ]);
});

test('a socket that is still being opened is taken over', async ({ tab }) => {
  const { promise, resolve } = pending<boolean>();
  gate.admit = () => promise;
  await tab.client({ url: gate.url });
  await tab.subscribe('a', 'news');
  await expect.poll(() => gate.offered.length).toBe(1);
  release();
  await tab.page.waitForFunction(() => window.kit.client.getMetrics().connectionAttempts === 1);
  resolve(true);
  await tab.untilChannel('news');
  expect(gate.offered).toHaveLength(1);
});

test('a connection that is rejected meanwhile counts as the first attempt', async ({ tab }) => {
  gate.admit = () => false;
  await tab.client({ url: gate.url, reconnect: { baseMs: 700 } });
  await tab.subscribe('a', 'news');
  await expect.poll(() => gate.offered.length).toBe(1);
  gate.admit = () => true;
  release();
  await tab.untilChannel('news');
  expect(gate.offered).toHaveLength(2);
  expect((await tab.changes()).map(({ state }) => state)).toEqual([
    'connecting',
    'reconnecting',
    'authenticating',
    'ready',
  ]);
});

test('a connection that is closed meanwhile counts as the first attempt', async ({ tab }) => {
  await connectEarly(tab);
  gate.sockets[0]?.close(1012);
  await expect.poll(() => gate.closeCodes.length).toBe(1);
  release();
  await tab.untilChannel('news');
  expect(gate.sockets).toHaveLength(2);
  expect(await tab.reasonsFor('ready')).toEqual(['authenticated']);
});

test('a token that comes after the engine is requested once, and offered to one connection', async ({
  tab,
}) => {
  const { promise, resolve } = pending<string>();
  await tab.client({ url: gate.url }, () => promise);
  await tab.subscribe('a', 'news');
  await expect.poll(() => tab.tokensGiven).toBe(1);
  release();
  await tab.page.waitForFunction(() => window.kit.client.getMetrics().connectionAttempts === 1);
  expect(gate.offered).toEqual([]);
  const token = signToken();
  resolve(token);
  await tab.untilChannel('news');
  expect(gate.offered).toEqual([`jwt, ${token}`]);
  expect(tab.tokensGiven).toBe(1);
});

test('an error of the token source is reported once, and another token is requested', async ({
  tab,
}) => {
  let calls = 0;
  await tab.client({ url: gate.url, reconnect: { baseMs: 50 } }, () => {
    if (calls++) return signToken();
    throw Error('no token yet');
  });
  await tab.subscribe('a', 'news');
  await expect.poll(() => tab.tokensGiven).toBe(1);
  release();
  await tab.untilChannel('news');
  expect(tab.tokensGiven).toBe(2);
  expect(await tab.errorCodes()).toEqual(['token_failed']);
});

test('a token that is not offered is fetched while the socket is being opened', async ({ tab }) => {
  const { promise, resolve } = pending<string>();
  await tab.client({ url: gate.url, auth: 'message' }, () => promise);
  await tab.subscribe('a', 'news');
  await expect.poll(() => gate.sockets.length).toBe(1);
  expect(gate.offered).toEqual(['']);
  resolve(signToken());
  release();
  await tab.untilChannel('news');
  expect(gate.sockets).toHaveLength(1);
});

test.describe('the early socket is closed, and none replaces it,', () => {
  for (const [call, work] of [
    ['destroy()', () => window.kit.client.destroy()],
    ['disconnect()', () => window.kit.client.disconnect()],
  ] as const) {
    test(`after ${call}`, async ({ tab }) => {
      await connectEarly(tab);
      await tab.page.evaluate(work);
      release();
      await expect.poll(() => gate.closeCodes).toEqual([1000]);
      expect(gate.offered).toHaveLength(1);
      expect(gate.frames).toBe(0);
    });
  }

  test('when the last subscriber is removed, before there is an engine', async ({ tab }) => {
    await connectEarly(tab);
    await tab.unsubscribe('a');
    await expect.poll(() => gate.closeCodes).toEqual([1000]);
    expect(gate.frames).toBe(0);
  });
});

test.describe('the early socket is replaced', () => {
  test('after setToken()', async ({ tab }) => {
    await connectEarly(tab);
    const token = signToken({ sub: 'other' });
    await tab.page.evaluate((given) => window.kit.client.setToken(given), token);
    release();
    await tab.untilChannel('news');
    await expect.poll(() => gate.closeCodes).toEqual([1000]);
    expect(gate.offered[1]).toBe(`jwt, ${token}`);
    expect(gate.offered).toHaveLength(2);
  });

  test('when the engine cannot be loaded at first', async ({ tab }) => {
    const requested = pending<undefined>();
    const loads = pending<undefined>();
    let failures = 0;
    await tab.page.unroute('**/core-inline*.js');
    await tab.page.route('**/core-inline*.js', async (route) => {
      if (failures++) return route.continue();
      requested.resolve(undefined);
      await loads.promise;
      await route.abort();
    });
    await connectEarly(tab);
    await requested.promise;
    loads.resolve(undefined);
    await expect.poll(() => gate.closeCodes).toEqual([1000]);
    await tab.untilChannel('news');
    expect(gate.sockets).toHaveLength(2);
  });

  test('after configure() with another address', async ({ tab }) => {
    await connectEarly(tab);
    await tab.page.evaluate((url) => window.kit.client.configure({ url }), `${gate.url}other`);
    release();
    await tab.untilChannel('news');
    await expect.poll(() => gate.closeCodes).toEqual([1000]);
    expect(gate.sockets).toHaveLength(2);
  });
});

for (const [reason, override] of [
  ['hidden', 'document.visibilityState'],
  ['without a network', 'navigator.onLine'],
] as const) {
  test(`a page ${reason} opens no socket before there is an engine`, async ({ tab }) => {
    await tab.page.evaluate((which) => {
      const [object, name, value] =
        which === 'navigator.onLine'
          ? [navigator, 'onLine', false]
          : [document, 'visibilityState', 'hidden'];
      Object.defineProperty(object, name as string, { configurable: true, get: () => value });
    }, override);
    await tab.client({ url: gate.url });
    await tab.subscribe('a', 'news');
    // Nothing can announce that nothing happens: an early socket would be there by now.
    await tab.page.waitForTimeout(500);
    expect([gate.offered.length, tab.tokensGiven]).toEqual([0, 0]);
    release();
    // A local server is connected to without a network too.
    await tab.untilChannel('news');
  });
}
