/** Connections and loads that a page or a network blocks: reported at once, and retried once they are possible. */
import { readFile } from 'node:fs/promises';
import { INSTALLED } from '../support/environment.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

test('an address that connect-src forbids is rejected at once, and named', async ({
  tab,
  site,
  server,
}) => {
  const policy = "connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
  await tab.page.goto(`${site.origin}/harness.html?csp=${encodeURIComponent(policy)}`);
  await tab.client({ url: server.url(), connectTimeoutMs: 60_000 });
  await tab.subscribe('a', 'news');
  await expect.poll(() => tab.errorCodes(), { timeout: 5_000 }).toContain('connect_refused');
  const [error] = await tab.errors();
  expect(error).toMatchObject({ code: 'connect_refused' });
  expect(error?.message).toContain(new URL(server.url()).host);
  expect(error?.message).toContain('connect-src');
  expect(error?.hint).toContain('connect-src');
});

test('a constructor that throws is reported at once, with the possible causes', async ({ tab }) => {
  await tab.page.evaluate(() => {
    window.WebSocket = class {
      constructor() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      }
    } as never;
  });
  await tab.client({ url: 'ws://example.test/' });
  await tab.subscribe('a', 'news');
  await expect.poll(() => tab.errorCodes(), { timeout: 5_000 }).toContain('connect_refused');
  expect((await tab.errors())[0]?.message).toContain('connect-src');
});

test('while its chunk cannot be loaded the client has the error, and then every subscriber works', async ({
  tab,
  server,
}) => {
  let isDown = true;
  await tab.page.route('**/core.js', (route) =>
    isDown ? route.fulfill({ status: 503 }) : route.continue(),
  );
  await tab.client({ url: server.url() });
  await tab.subscribe('before', 'news');
  await tab.send('s', 'news', 'hello');
  await expect.poll(() => tab.errorCodes()).toEqual(['engine_unavailable']);
  // Longer than the attempts of a client that gives up.
  await tab.page.waitForTimeout(6_500);
  await tab.subscribe('meanwhile', 'news');
  expect(await tab.state()).toBe('connecting');
  expect(await tab.rejections('before')).toEqual([]);
  isDown = false;
  await tab.page.evaluate(() => window.dispatchEvent(new Event('online')));
  expect((await tab.settled('s')).ack?.confirmed).toBe(true);
  await tab.untilChannel('news');
  await server.publish('news', 'all');
  for (const by of ['before', 'meanwhile']) {
    await expect.poll(() => tab.messages(by)).toContain('all');
  }
});

test('the engine works where there is no TextDecoder', async ({ tab, server }) => {
  await tab.page.addInitScript(() => {
    Reflect.deleteProperty(window, 'TextDecoder');
    Reflect.deleteProperty(window, 'TextEncoder');
  });
  await tab.page.reload();
  await tab.listening(server.url());
  await server.publish('news', 'Grüße 👋');
  await expect.poll(() => tab.messages('a')).toEqual(['Grüße 👋']);
});

test.describe('the classic script', () => {
  for (const address of ['/npm/tidewire', '/npm/tidewire@0', '/tidewire/dist/']) {
    test(`at ${address} loads nothing from its folder, and reports the reason`, async ({
      page,
      site,
      server,
    }) => {
      const script = await readFile(`${INSTALLED}/dist/tidewire.global.js`, 'utf8');
      const requests: string[] = [];
      const warnings: string[] = [];
      page.on('request', (request) => requests.push(new URL(request.url()).pathname));
      page.on('console', (message) => {
        if (message.type() === 'warning') warnings.push(message.text());
      });
      await page.route(`**${address}`, (route) =>
        route.fulfill({ contentType: 'text/javascript', body: script }),
      );
      await page.route('**/blank.html', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>blank</title>' }),
      );
      await page.goto(`${site.origin}/blank.html`);
      await page.addScriptTag({ url: address });
      const error = await page.evaluate(
        ([url, token]) =>
          window.tidewire
            .createRealtimeClient({ url, getToken: () => token })
            .connect()
            .then(
              () => null,
              ({ code, hint }) => ({ code, hint }),
            ),
        [server.url(), signToken()] as const,
      );
      expect(error).toEqual({
        code: 'engine_unavailable',
        hint: expect.stringContaining('full, versioned address'),
      });
      expect(requests.filter((path) => path.includes('core'))).toEqual([]);
      expect(warnings).toEqual([]);
    });
  }
});
