/** Client components in an app of Next.js, App Router: rendered when built, on the server, and alive in the browser. */
import type { Page } from '@playwright/test';
import { NextApp } from '../support/next-app.js';
import { expect, test } from '../support/test.js';

test.describe.configure({ mode: 'serial' });

// Notes are a table, and nobody needs a token.
test.use({ serverOptions: { tables: { notes: {} }, flags: ['--anonymous'] } });

let app: NextApp;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  app = await NextApp.start();
});
test.afterAll(() => app.stop());

/** Listens for what React, Next.js and the browser complain of. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  return complaints;
}

test('a page rendered for each request says what the browser’s first render says, then lives', async ({
  page,
  server,
}) => {
  const complaints = complaintsOf(page);
  const address = `${app.origin}/?url=${encodeURIComponent(server.url())}`;
  const html = await (await fetch(address)).text();
  expect(html).toContain('<p role="status">idle</p>');

  await page.goto(address);
  await expect(page.getByRole('status')).toHaveText('ready');
  await server.publish('news', { title: 'Hello' });
  await expect(page.getByRole('list', { name: 'News' })).toHaveText('Hello');
  await server.change('notes', { change: 'insert', row: { title: 'Milk' } });
  await expect(page.getByRole('list', { name: 'Notes' })).toHaveText('Milk');
  await expect(page.getByText('1 here')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('a page rendered when the app was built opens nothing then, and hydrates', async ({
  page,
}) => {
  // The default client looks for its server where the page came from.
  await page.routeWebSocket(/\/ws\/realtime/, () => {});
  const complaints = complaintsOf(page);
  const html = await (await fetch(`${app.origin}/still`)).text();
  expect(html).toContain('<p role="status">idle</p>');
  await page.goto(`${app.origin}/still`);
  await expect(page.getByRole('status')).toHaveText('authenticating');
  expect(complaints).toEqual([]);
});
