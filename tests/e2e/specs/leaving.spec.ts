/** A page that is left: what is sent last still reaches the server. */
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
