/** Traps of the engine, caused by exhausting the stack while it runs: it is replaced, as often as necessary. */
import { RawServer, welcome } from '../support/raw-server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';

const failures = async (tab: Tab): Promise<number> =>
  (await tab.errorCodes()).filter((code) => code === 'engine_failed').length;

/** Calls the engine ever deeper until it traps. */
async function trap(tab: Tab): Promise<void> {
  const before = await failures(tab);
  await expect
    .poll(async () => {
      await tab.page.evaluate(() => {
        const dive = (): void => {
          window.kit.client.getMetrics();
          dive();
        };
        try {
          dive();
        } catch {
          // The stack ended, in the engine or outside of it.
        }
      });
      return failures(tab);
    })
    .toBeGreaterThan(before);
}

async function expectMessage(tab: Tab, server: RawServer, text: string): Promise<void> {
  await tab.untilChannel('news');
  server.send({ type: 'channel_message', channel: 'news', payload: text });
  await expect.poll(() => tab.messages('a')).toContain(text);
}

test('a trapped engine is replaced, and beyond the limit connect() restarts it', async ({
  tab,
}) => {
  const server = await RawServer.start(welcome(['subscribe', 'envelope']));
  await tab.client({ url: server.url }, null);
  await tab.subscribe('a', 'news');
  await expectMessage(tab, server, 'at first');
  for (const time of ['once', 'twice', 'three times']) {
    await trap(tab);
    await tab.until('ready');
    await expectMessage(tab, server, time);
  }
  await trap(tab);
  await tab.until('failed');
  expect((await tab.rejections('a')).at(-1)).toMatchObject({ code: 'engine_failed' });
  await tab.page.evaluate(() => window.kit.client.connect());
  await expectMessage(tab, server, 'after connect()');
  await trap(tab);
  await expectMessage(tab, server, 'with a budget of its own');
  await server.stop();
});

test('a stack overflow in the app’s own code is not a trap', async ({ tab }) => {
  const server = await RawServer.start(welcome(['subscribe', 'envelope']));
  await tab.client({ url: server.url }, null);
  await tab.subscribe('a', 'news');
  await expectMessage(tab, server, 'at first');
  const codes = await tab.page.evaluate(() => {
    const { client } = window.kit;
    const forever = (): never => forever();
    client.subscribe('news', {}, forever);
    client.on('message', forever);
    const values = [
      {
        get n() {
          return forever();
        },
      },
      { toJSON: forever },
      new Proxy({}, { ownKeys: forever }),
    ];
    return values.map((value) => window.kit.attempt(() => client.send('news', value))?.code);
  });
  expect(codes).toEqual(['invalid_argument', 'invalid_argument', 'invalid_argument']);
  await expectMessage(tab, server, 'and again');
  expect(await tab.errorCodes()).toEqual(['callback_failed', 'callback_failed']);
  await server.stop();
});

test('rows and keys of the app whose getters call the client, or throw, cause no trap', async ({
  tab,
}) => {
  const server = await RawServer.start(welcome(['subscribe', 'envelope']));
  await tab.client({ url: server.url }, null);
  await tab.subscribe('a', 'news');
  await expectMessage(tab, server, 'at first');
  const shown = await tab.page.evaluate(async () => {
    const { client } = window.kit;
    const forever = (): never => forever();
    const calling = {
      id: '1',
      get n() {
        client.send('news', 1);
        return client.getMetrics().messagesReceived;
      },
    };
    const list = new Proxy([1], { get: (...from) => (from[1] === 'length' ? forever() : 1) });
    const settled = (options: object): Promise<string> =>
      new Promise((resolve) => {
        const rows = client.collection(`rows-${Math.random()}`, { onError() {}, ...options });
        rows.on('change', ({ items, isLoading, error }) => {
          if (error) resolve(error.code);
          else if (!isLoading) resolve(`${items.length} rows`);
        });
      });
    const toJSON = () => client.getMetrics().messagesReceived;
    const again = client.collection('again', { load: () => [{ id: '1', when: { toJSON } }] });
    for (let load = 0; load < 5; load += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      again.reload();
    }
    return Promise.all([
      settled({ load: () => [calling] }),
      settled({ load: async () => [{ id: '1', list }] }),
      settled({ load: () => [{ id: '1' }], key: () => list }),
    ]);
  });
  expect(shown).toEqual(['1 rows', 'load_failed', 'callback_failed']);
  await expectMessage(tab, server, 'and again');
  expect((await tab.errorCodes()).sort()).toEqual(['callback_failed', 'load_failed']);
  await server.stop();
});

test('frames that are not JSON occupy no memory of the engine permanently', async ({ tab }) => {
  const server = await RawServer.start(welcome(['subscribe', 'envelope']));
  await tab.page.evaluate(() => {
    const { Instance } = WebAssembly;
    WebAssembly.Instance = function make(...given: ConstructorParameters<typeof Instance>) {
      const instance = new Instance(...given);
      const tables = Object.values(instance.exports).filter(
        (one) => one instanceof WebAssembly.Table,
      );
      Object.assign(window, {
        tableSizes: () => tables.map((table) => (table as WebAssembly.Table).length),
      });
      return instance;
    } as never;
  });
  await tab.client({ url: server.url }, null);
  await tab.subscribe('a', 'news');
  await expectMessage(tab, server, 'at first');
  const tableSizes = () =>
    tab.page.evaluate(() => (window as never as { tableSizes(): number[] }).tableSizes());
  const before = await tableSizes();
  for (let frame = 0; frame < 5_000; frame += 1) server.raw('{ no JSON');
  await expectMessage(tab, server, 'and again');
  expect(before.length).toBeGreaterThan(0);
  expect(await tableSizes()).toEqual(before);
  await server.stop();
});
