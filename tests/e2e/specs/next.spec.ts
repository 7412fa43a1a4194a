/** Client components in an app of Next.js, App Router: rendered at build time and on the server, and hydrated in the browser. */
import type { Page } from '@playwright/test';
import { NextApp } from '../support/next-app.js';
import { expect, test } from '../support/test.js';

test.describe.configure({ mode: 'serial' });

// Notes are a table, and no client needs a token.
test.use({ serverOptions: { tables: { notes: {} }, flags: ['--anonymous'] } });

let app: NextApp;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  app = await NextApp.start();
});
test.afterAll(() => app.stop());

/** Listens for errors of React, Next.js and the browser. */
function consoleErrorsOf(page: Page): string[] {
  const consoleErrors: string[] = [];
  page.on('pageerror', (error) => consoleErrors.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) consoleErrors.push(message.text());
  });
  return consoleErrors;
}

test('a page rendered for each request equals the browser’s first render, then updates', async ({
  page,
  server,
}) => {
  const consoleErrors = consoleErrorsOf(page);
  const address = `${app.origin}/?url=${encodeURIComponent(server.url())}`;
  const html = await (await fetch(address)).text();
  expect(html).toContain('<p title="state">idle</p>');

  await page.goto(address);
  await expect(page.getByTitle('state', { exact: true })).toHaveText('ready');
  await server.publish('news', { title: 'Hello' });
  await expect(page.getByRole('list', { name: 'News' })).toHaveText('Hello');
  await server.change('notes', { change: 'insert', row: { title: 'Milk' } });
  await expect(page.getByRole('list', { name: 'Notes' })).toHaveText('Milk');
  await expect(page.getByText('1 here')).toBeVisible();
  await expect(page.getByRole('feed', { name: 'Feed' })).toHaveText('Milk');
  expect(consoleErrors).toEqual([]);
});

test('a page rendered at build time opens nothing, and hydrates', async ({ page }) => {
  // The default client connects to the page's origin.
  await page.routeWebSocket(/\/ws\/realtime/, () => {});
  const consoleErrors = consoleErrorsOf(page);
  const html = await (await fetch(`${app.origin}/still`)).text();
  expect(html).toContain('<p title="state">idle</p>');
  await page.goto(`${app.origin}/still`);
  await expect(page.getByTitle('state', { exact: true })).toHaveText('authenticating');
  expect(consoleErrors).toEqual([]);
});

test('every component renders there, hydrates in another language and time zone, and updates', async ({
  browser,
  server,
}) => {
  const context = await browser.newContext({ locale: 'de-DE', timezoneId: 'Asia/Tokyo' });
  const page = await context.newPage();
  const consoleErrors = consoleErrorsOf(page);
  const address = `${app.origin}/components?url=${encodeURIComponent(server.url())}`;
  const html = await (await fetch(address)).text();
  expect(html).toContain('12:34:56');
  expect(html).toContain('€1,234.50');

  await page.goto(address);
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  // The page's language is English, and the browser has a time zone.
  await expect(page.getByRole('article').first()).toContainText('9:34:56');
  await expect(page.getByText('1 person is here').first()).toBeVisible();
  // Both libraries were found by the bundler, and loaded.
  await expect(page.locator('canvas')).toHaveCount(1);
  await expect(page.getByRole('article')).not.toHaveCount(60);
  await server.publish('numbers', { n: 7 });
  await expect(page.getByText('latest 7, lowest 7, highest 7')).toBeVisible();
  expect(consoleErrors).toEqual([]);
  await context.close();
});
