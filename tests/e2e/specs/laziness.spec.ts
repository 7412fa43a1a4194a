/** Nothing is loaded and nothing is connected before it is needed. */
import { expect, test } from '../support/test.js';

test('importing and configuring opens no socket and loads no engine', async ({ tab, server }) => {
  const requests: string[] = [];
  const sockets: string[] = [];
  tab.page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  tab.page.on('websocket', (socket) => sockets.push(socket.url()));
  await tab.page.reload();
  await tab.client({ url: server.url() });
  await tab.page.evaluate((url) => {
    window.tidewire.realtimeClient.configure({ url });
    window.kit.client.getMetrics();
    window.kit.client.getChannelStats();
    window.kit.client.disconnect();
  }, server.url());
  // There is no event for a request that is not made; a lazy import would be requested within this time.
  await tab.page.waitForTimeout(500);
  expect(requests).toEqual(['/harness.html', '/consumer/kit.js', '/pkg/dist/index.js']);
  expect(sockets).toEqual([]);
  expect(tab.tokensGiven).toBe(0);
  expect(await tab.state()).toBe('idle');

  await tab.subscribe('a', 'news');
  await tab.until('ready');
  expect(requests).toContain('/pkg/dist/core.js');
  expect(requests).toContain('/pkg/dist/core-inline.js');
  expect(sockets).toEqual([server.url()]);
  expect(tab.tokensGiven).toBe(1);
});

test('a subscription removed in the same task opens no connection', async ({ tab, server }) => {
  const sockets: string[] = [];
  tab.page.on('websocket', (socket) => sockets.push(socket.url()));
  await tab.client({ url: server.url() });
  await tab.page.evaluate(() => window.kit.client.subscribe('news', {}, () => {})());
  expect(await tab.state()).toBe('idle');
  // The engine is being loaded; a socket that it opens would be seen within this time.
  await tab.page.waitForTimeout(500);
  expect(sockets).toEqual([]);
});
