/** What happens to a connection when its page is left, or when it is no longer needed. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from '../support/test.js';

for (const listener of ['pagehide', 'visibilitychange'] as const) {
  test(`a send in a ${listener} listener added after the subscription reaches the server when the page is left`, async ({
    tab,
    site,
    server,
  }) => {
    await tab.listening(server.url());
    await tab.page.evaluate((event) => {
      const target = event === 'pagehide' ? window : document;
      target.addEventListener(event, () => window.kit.client.send('news', 'goodbye'));
    }, listener);
    await tab.page.goto(`${site.origin}/module.html`);
    await expect.poll(() => server.payloads('news')).toEqual(['goodbye']);
    await expect.poll(() => server.openConnections()).toEqual([]);
  });
}

for (const how of ['destroy', 'disconnect', 'unsubscribe'] as const) {
  test(`a socket that is still opening at ${how} is closed, and the console stays empty`, async ({
    tab,
    server,
  }) => {
    const printed: string[] = [];
    tab.page.on('console', (message) => printed.push(message.text()));
    await tab.client({ url: server.url(), lingerMs: 0 });
    await tab.page.evaluate((end) => {
      const { client } = window.kit;
      const stop = client.subscribe('news', {});
      const { WebSocket } = window;
      return new Promise<void>((resolve) => {
        window.WebSocket = class extends WebSocket {
          constructor(...values: ConstructorParameters<typeof WebSocket>) {
            super(...values);
            this.addEventListener('close', () => resolve());
            queueMicrotask(end === 'unsubscribe' ? stop : () => client[end]());
          }
        };
      });
    }, how);
    await expect.poll(() => server.openConnections()).toEqual([]);
    expect(printed).toEqual([]);
  });
}

test('a socket that does not open in time is aborted at once', async ({ tab }) => {
  let ended = 0;
  // It accepts connections and never answers the upgrade.
  const server = createServer((socket) => socket.resume().on('close', () => ended++));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await tab.client({ url: `ws://127.0.0.1:${port}/`, connectTimeoutMs: 300 });
  await tab.page.evaluate(() => void window.kit.client.subscribe('news', {}));
  await expect.poll(() => ended).toBeGreaterThan(0);
  server.close();
});
