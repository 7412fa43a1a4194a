/** The components of the packed package, in StrictMode, against the reference server: display, announcements and input. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import type { ComponentsPage } from '../site/components/main.js';
import { AppTab, buildApp } from '../support/app.js';
import { CONSUMER, INSTALLED, RESULTS } from '../support/environment.js';
import { measured } from '../support/measurement.js';
import type { ReferenceServer } from '../support/server.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

const ROWS = 10_000;
const CHANGES_PER_SECOND = 200;
const MEASURED_MS = 8_000;

test.use({
  serverOptions: {
    flags: ['--domains'],
    limits: { tableRows: 2 * ROWS },
    tables: { 'entries:*': {} },
  },
});

/** Opens the page as a user; the context is closed with the test. */
async function open(
  browser: Browser,
  site: { origin: string },
  server: ReferenceServer,
  user: string,
  { feed, ...options }: BrowserContextOptions & { feed?: string } = {},
): Promise<AppTab<ComponentsPage>> {
  const address = `${site.origin}${await buildApp('components')}`;
  const tab = await AppTab.open<ComponentsPage>(await browser.newContext(options), address, {
    url: server.url(),
    token: signToken({ sub: user }),
    tables: `${server.origin}/tables`,
    user,
    ...(feed && { feed }),
  });
  await expect.poll(() => tab.evaluate(({ client }) => client.state)).toBe('ready');
  return tab;
}

/** A part of the page by its name. */
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** Publishes data for every component. */
async function fill(server: ReferenceServer, user: string): Promise<void> {
  for (let n = 1; n <= 3; n++) {
    const entry = { text: `Entry ${n}`, created_at: new Date().toISOString() };
    await server.publish('news', entry, 'chat');
    await server.publish('numbers', { n: 10 * n });
  }
  for (const [n, type] of (['info', 'warning', 'error', 'success'] as const).entries()) {
    const row = { id: `n${n}`, type, title: `Notice ${n}`, message: 'Something has happened.' };
    // Only the user may change these.
    const answer = await fetch(server.tableUrl(`notifications:${user}`), {
      method: 'POST',
      headers: { authorization: `Bearer ${signToken({ sub: user })}` },
      body: JSON.stringify({ change: 'insert', row }),
    });
    expect(answer.status).toBe(200);
  }
}

test('changes of others and own changes are shown, operated by the keyboard only', async ({
  browser,
  site,
  server,
}) => {
  const tab = await open(browser, site, server, 'ann');
  const other = await open(browser, site, server, 'bob');
  const { page } = tab;
  await expect(region(page, 'Who is here')).toContainText('2 people are here');

  await other.page.getByLabel('Comment').focus();
  await other.page.keyboard.type('hello');
  await expect(page.getByText('bob is typing')).toBeVisible();

  // A call that rings, is answered, and ends.
  const calls = region(page, 'Calls');
  await expect(calls.getByRole('listitem').first()).toBeVisible();
  const before = await calls.getByRole('listitem').count();
  const call = { id: 'mine', caller_number: '+1 555 0199', status: 'ringing' };
  await server.change('calls:1', { change: 'insert', row: call });
  const mine = calls.getByRole('listitem').filter({ hasText: call.caller_number });
  await expect(mine).toContainText('Ringing');
  await expect(calls.getByRole('listitem')).toHaveCount(before + 1);
  await expect(mine.locator('time')).toHaveText(/^0:(0[1-9]|[1-5]\d)$/);
  const ended = { status: 'completed', ended_at: new Date().toISOString(), duration_seconds: 125 };
  await server.change('calls:1', { change: 'update', row: { id: 'mine', ...ended } });
  await expect(mine).toContainText('Completed2:05');

  // An accepted bid, and one that is too low.
  const bids = region(page, 'Bids');
  await expect(bids.locator('.tw-bid-highest')).toHaveText('Highest bid: $25.00 by farah');
  const field = bids.getByLabel('Your bid');
  await field.focus();
  await page.keyboard.type('30');
  await page.keyboard.press('Enter');
  await expect(bids.locator('.tw-bid-highest')).toHaveText('Highest bid: $30.00 by you');
  await expect(region(other.page, 'Bids').locator('.tw-bid-highest')).toHaveText(
    'Highest bid: $30.00 by ann',
  );
  await expect(bids.getByRole('listitem').filter({ hasText: '$25.00' })).toContainText('Outbid');
  await page.keyboard.type('29');
  await page.keyboard.press('Enter');
  await expect(bids.getByRole('alert')).toContainText('Your bid of $29.00 was not taken');
  await expect(field).toHaveValue('29');
  await expect(field).toBeFocused();
  await expect(bids.getByRole('listitem').filter({ hasText: '$29.00' })).toHaveCount(0);

  await fill(server, 'ann');
  const feed = page.getByRole('feed');
  await expect(feed.getByRole('article')).toHaveText([/^Entry 3/, /^Entry 2/, /^Entry 1/]);
  await feed.getByRole('article').first().focus();
  await page.keyboard.press('PageDown');
  await expect(feed.getByRole('article').nth(1)).toBeFocused();

  const chart = page.getByRole('figure', { name: 'Numbers' });
  await expect(chart).toContainText('latest 30, lowest 10, highest 30');
  await expect(chart.locator('canvas')).toHaveCount(1);
  await chart.getByText('as a table').focus();
  await page.keyboard.press('Enter');
  await expect(chart.getByRole('row')).toHaveCount(4);

  const toasts = region(page, 'Notifications');
  await expect(toasts.getByRole('listitem')).toHaveCount(3);
  await expect(toasts.getByRole('listitem').first()).toContainText('ErrorNotice 2');
  await toasts.getByRole('button', { name: 'Close: Notice 2' }).focus();
  await page.keyboard.press('Escape');
  await expect(toasts.getByRole('button', { name: 'Close: Notice 0' })).toBeFocused();
  const read = async () =>
    (await server.table('notifications:ann')).find(({ id }) => id === 'n2')?.read;
  await expect.poll(read).toBe(true);

  const connection = page.getByRole('button', { name: /^Connection/ });
  await connection.focus();
  await expect(page.getByRole('tooltip')).toContainText('Quality');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('tooltip')).toBeHidden();
  await server.reject('tcp');
  await server.faults({ drop: true });
  await expect(connection).toHaveText('Connection: Reconnecting');
  await expect(page.locator('.status-indicator')).toHaveClass(/offline/);
  await server.reject('off');
  await expect(connection).toHaveText('Connection: Connected');

  for (const { consoleErrors, page: opened } of [tab, other]) {
    // The outage is one warning of the browser's, and one of the client's for each code.
    const expected = /WebSocket connection|^\[tidewire\] (connection_lost|connect_refused): /;
    expect(consoleErrors.filter((text) => !expected.test(text))).toEqual([]);
    await opened.context().close();
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [device, viewport] of [
    ['a desktop', { width: 1280, height: 900 }],
    ['a phone', { width: 360, height: 740 }],
  ] as const) {
    test(`axe finds no violations, ${colorScheme}, on ${device}`, async ({
      browser,
      site,
      server,
    }) => {
      const options = { colorScheme, viewport, reducedMotion: 'reduce' } as const;
      const { page } = await open(browser, site, server, 'ann', options);
      const violations = async (): Promise<string[]> =>
        (await new AxeBuilder({ page }).analyze()).violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
        );
      await expect(region(page, 'Calls').getByRole('listitem').first()).toBeVisible();
      expect(await violations()).toEqual([]);
      await fill(server, 'ann');
      await expect(region(page, 'Notifications').getByRole('listitem')).toHaveCount(3);
      await expect(page.locator('canvas')).toHaveCount(1);
      await region(page, 'Bids').getByLabel('Your bid').fill('1');
      await page.keyboard.press('Enter');
      await expect(region(page, 'Bids').getByRole('alert')).toBeVisible();
      await page.getByRole('button', { name: /^Connection/ }).hover();
      await expect(page.getByRole('tooltip')).toBeVisible();
      expect(await violations()).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, 'no horizontal overflow').toBeLessThanOrEqual(0);
      const name = `${RESULTS}/components-${colorScheme}-${device.slice(2)}.png`;
      await page.screenshot({ path: name, fullPage: true });
      await page.context().close();
    });
  }
}

test('10,000 rows of which 200 change a second: the visible rows are correct, and few are in the DOM', async ({
  browser,
  site,
  server,
}) => {
  const channel = 'entries:1';
  await server.churn(channel, { perSecond: 1, seconds: 0, rows: ROWS });
  const tab = await open(browser, site, server, 'ann', { feed: channel });
  const { page } = tab;
  const rows = page.getByRole('article');
  await expect(rows.first()).toHaveAttribute('aria-setsize', `${ROWS}`);
  const churn = server.churn(channel, {
    perSecond: CHANGES_PER_SECOND,
    seconds: MEASURED_MS / 1_000 + 2,
  });
  await tab.evaluate((app) => {
    app.renders = 0;
  });
  const frames = await tab.evaluate((app, ms) => app.countFrames(ms), MEASURED_MS);
  const renders = await tab.evaluate((app) => app.renders);
  // One render per 100 ms, and occasionally an announcement for screen readers.
  expect(renders).toBeLessThanOrEqual(MEASURED_MS / 100 + 10);
  expect(renders).toBeGreaterThan(10);
  expect(await page.locator('*').count()).toBeLessThan(200);

  // The focused row stays in place while others change.
  await rows.first().focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('article').last()).toBeFocused();
  await churn;

  const stored = new Map((await server.table(channel)).map((row) => [row.id, row.value]));
  const wrong = async (): Promise<unknown[]> => {
    const seen = await page
      .locator('[data-id]')
      .evaluateAll((all) => all.map((row) => [row.dataset.id, row.dataset.value]));
    return seen.filter(([id, value]) => `${stored.get(`${id}`)}` !== value);
  };
  await expect.poll(wrong).toEqual([]);
  await page.keyboard.press('Home');
  await expect(rows.first()).toBeFocused();
  await expect.poll(wrong).toEqual([]);

  const times = frames.slice(1).map((time, at) => time - (frames[at] ?? time));
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  measured('a frame of a live list with 10,000 rows and 200 changes a second, mean', mean, 20);
  measured('…its longest frame', Math.max(...times), 100);
  expect(tab.consoleErrors).toEqual([]);
  await page.context().close();
});

for (const [format, load] of [
  ['an ES module', (name: string) => `await import('${name}')`],
  ['CommonJS', (name: string) => `require('${name}')`],
] as const) {
  test(`on a server, as ${format}: renders, and loads no library`, async () => {
    const script = `(async () => {
      const { createElement } = ${load('react')};
      const { renderToString } = ${load('react-dom/server')};
      const { LiveFeed, RealtimeChart, CallDuration } = ${load('tidewire/components')};
      const items = Array.from({ length: 500 }, (_, id) => ({ id, title: 'Row ' + id }));
      const html = [
        createElement(LiveFeed, { items }),
        createElement(RealtimeChart, { channel: 'numbers', value: ({ n }) => n }),
        createElement(CallDuration, { call: { started_at: '2026-01-01T12:00:00Z' } }),
      ].map((element) => renderToString(element)).join('');
      const { cache } = require;
      const libraries = Object.keys(cache).filter((file) => /uplot|virtual-core/.test(file));
      const texts = ['Row 0', 'No values yet', '–'].map((text) => html.includes(text));
      console.log([...texts, libraries.length].join());
    })()`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      cwd: CONSUMER,
    });
    expect(stdout.trim()).toBe('true,true,true,0');
  });
}

test('the entry is marked as a client module for frameworks with server components', async () => {
  for (const file of ['components.js', 'components.cjs']) {
    expect(await readFile(`${INSTALLED}/dist/${file}`, 'utf8')).toMatch(
      /^("use strict";)?"use client";/,
    );
  }
});
