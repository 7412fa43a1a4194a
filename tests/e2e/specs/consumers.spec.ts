/** The published package in pages with and without a bundler, from a plain file server. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { buildWithEsbuild, buildWithParcel, buildWithVite } from '../support/bundles.js';
import { INSTALLED } from '../support/environment.js';
import type { ReferenceServer } from '../support/server.js';
import type { Site } from '../support/site.js';
import { expect, test } from '../support/test.js';

test.use({ serverOptions: { flags: ['--anonymous'] } });

/** The page subscribes to `news`, sends its title there, and shows what it gets. */
async function expectWorking(
  page: Page,
  site: Site,
  server: ReferenceServer,
  path: string,
  policy?: string,
): Promise<string[]> {
  const requests: string[] = [];
  const thrown: Error[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => thrown.push(error));
  const query = new URLSearchParams({ url: server.url(), ...(policy && { csp: policy }) });
  await page.goto(`${site.origin}${path}?${query}`);
  const received = page.locator('body');
  await expect(received).toHaveAttribute('data-received', /"from"/);
  await server.publish('news', { n: 1 });
  await expect(received).toHaveAttribute('data-received', '{"n":1}');
  expect(await server.payloads('news')).toEqual([{ from: await page.title() }, { n: 1 }]);
  expect(thrown).toEqual([]);
  return requests;
}

test('a page with a classic script tag sends and receives', async ({ page, site, server }) => {
  await expectWorking(page, site, server, '/script-tag.html');
});

test('a plain module sends and receives, without a wasm file', async ({ page, site, server }) => {
  const requests = await expectWorking(page, site, server, '/module.html');
  expect(requests.filter((url) => url.endsWith('.wasm'))).toEqual([]);
});

test('the links of the package’s README load the engine with the page, and each file once', async ({
  page,
  site,
  server,
}) => {
  const readme = await readFile(`${INSTALLED}/README.md`, 'utf8');
  const links = readme.replaceAll('/tidewire/dist/', '/pkg/dist/').match(/<link .*>/g) ?? [];
  const requests = await expectWorking(page, site, server, '/preloaded.html');
  const preloads = page.locator('link[rel=modulepreload]');
  expect(await preloads.evaluateAll((all) => all.map((link) => link.outerHTML))).toEqual(
    links.map((link) => link.replace(' />', '>')),
  );
  const files = requests.filter((url) => url.endsWith('.js')).map((url) => url.split('/').at(-1));
  expect(files.sort()).toEqual(['core-inline.js', 'core.js', 'index.js']);
});

test('a plain module that streams the raw engine loads one wasm file', async ({
  page,
  site,
  server,
}) => {
  const requests = await expectWorking(page, site, server, '/streamed.html');
  expect(requests.filter((url) => url.endsWith('.wasm'))).toHaveLength(1);
});

test('a page built by Vite has the engine in a chunk of its own', async ({
  page,
  site,
  server,
}) => {
  const requests = await expectWorking(page, site, server, await buildWithVite('vite'));
  // The engine stays a chunk of its own.
  expect(requests.filter((url) => url.endsWith('.js')).length).toBeGreaterThanOrEqual(3);
});

test('a page built by esbuild with splitting has the engine in a chunk of its own', async ({
  page,
  site,
  server,
}) => {
  const requests = await expectWorking(page, site, server, await buildWithEsbuild(true));
  expect(requests.filter((url) => url.endsWith('.js')).length).toBeGreaterThanOrEqual(3);
});

test('a page built by esbuild without splitting is one file', async ({ page, site, server }) => {
  const requests = await expectWorking(page, site, server, await buildWithEsbuild(false));
  expect(requests.filter((url) => url.endsWith('.js'))).toHaveLength(1);
});

test('a page built by Parcel with its defaults resolves every kind of sub-path', async ({
  page,
  site,
  server,
}) => {
  await expectWorking(page, site, server, await buildWithParcel());
  const imported = (await page.locator('body').getAttribute('data-imported'))?.split(',');
  expect(imported?.sort()).toEqual([
    'BillTrackingService',
    'OnlineStatus',
    'createSupabaseRealtime',
    'rest',
    'useConnection',
    'useNotificationStore',
  ]);
});

test('a page with a strict Content-Security-Policy sends and receives', async ({
  page,
  site,
  server,
}) => {
  const policy = [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `connect-src ${server.url()}`,
  ].join('; ');
  await expectWorking(page, site, server, await buildWithVite('vite-strict'), policy);
});

test('where wasm is forbidden the error names the missing directive', async ({ page, site }) => {
  const query = new URLSearchParams({ csp: "script-src 'self'" });
  await page.goto(`${site.origin}/harness.html?${query}`);
  const error = await page.evaluate(
    () =>
      new Promise<{ code: string; hint: string }>((resolve) => {
        const onError = ({ code, hint }: { code: string; hint: string }) => resolve({ code, hint });
        window.kit.client.subscribe('news', { onError }, () => {});
      }),
  );
  expect(error.code).toBe('engine_unavailable');
  expect(error.hint).toContain('wasm-unsafe-eval');
});

test('an engine that could not be loaded at first is loaded again', async ({ tab, server }) => {
  let failures = 0;
  await tab.page.route('**/core-inline.js', async (route) => {
    // Browsers may cache the failure of a module, so the second attempt may fail without a request.
    if (failures++ === 0) await route.abort();
    else await route.continue();
  });
  await tab.listening(server.url());
  expect(failures).toBeGreaterThanOrEqual(2);
});
