/** The hooks of the call marketplace in an app with supabase-js: every export, on one socket. */
import type { Page } from '@playwright/test';
import type { MarketPage } from '../site/legacy-supabase-hooks/main.js';
import { buildApp } from '../support/app.js';
import type { ReferenceServer, ServerOptions } from '../support/server.js';
import type { Site } from '../support/site.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

type Row = Record<string, unknown>;

const text = (...names: string[]) => names.map((name) => ({ name, type: 'text' }));
const number = (...names: string[]) => names.map((name) => ({ name, type: 'float8' }));

const serverOptions: ServerOptions = {
  tables: {
    calls: {
      columns: [
        ...text('supplier_id', 'campaign_id', 'status', 'caller_number', 'created_at'),
        ...number('revenue'),
      ],
      rows: [
        { id: 'old', supplier_id: 's', campaign_id: '1', status: 'connected', created_at: '1' },
      ],
    },
    campaigns: { columns: text('name'), rows: [{ id: '1', name: 'Spring' }] },
    comments: { columns: text('post_id', 'body') },
    views: {
      columns: [...text('post_id'), ...number('count')],
      rows: [{ id: 'v', post_id: '7', count: 1 }],
    },
    supplier_stats: {
      columns: [...text('supplier_id'), ...number('total_calls')],
      rows: [{ id: 'st', supplier_id: 's', total_calls: 3 }],
    },
  },
  supabase: {},
};

test.use({ serverOptions });

let address: string;

test.beforeAll(async () => {
  address = await buildApp('legacy-supabase-hooks');
});

/** Opens the app, and waits until it receives every change of the database. */
async function open(page: Page, site: Site, server: ReferenceServer): Promise<void> {
  const key = signToken({ sub: 'the public key', role: 'anon' });
  const query = new URLSearchParams({ url: server.remoteOrigin, key });
  await page.goto(`${site.origin}${address}?${query}`);
  await live(page);
}

const channels = (page: Page): Promise<[string, string][]> =>
  page.evaluate(() => (window as unknown as { market: MarketPage }).market.channels());

/** Waits until all channels are live. */
const live = (page: Page) =>
  expect
    .poll(async () => (await channels(page)).map(([name, state]) => `${state} ${name}`).sort())
    .toEqual([
      'ready active-calls-s',
      'ready calls:campaign=1',
      'ready campaign-changes',
      'ready comments:7',
      'ready retried',
      expect.stringMatching(/^ready rt:calls:campaign_id=eq.1,status=in/),
      expect.stringMatching(/^ready rt:calls:supplier_id=eq.s:/),
      expect.stringMatching(/^ready rt:campaigns:id=eq.1:/),
      expect.stringMatching(/^ready rt:supplier_stats:supplier_id=eq.s:/),
      'ready supplier-call-updates-s',
      'ready supplier-calls-s',
      'ready supplier-stats-s',
      'ready views:7',
    ]);

/** Changes the database as another client. */
async function write(
  server: ReferenceServer,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  row?: Row,
): Promise<void> {
  const answer = await fetch(`${server.origin}/rest/v1/${path}`, {
    method,
    headers: { apikey: signToken({ role: 'service_role' }) },
    ...(row && { body: JSON.stringify(row) }),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}

const lines = (page: Page, of: string) => page.getByTestId(of).getByRole('listitem');
const call = (id: string, row: Row = {}) => ({
  id,
  supplier_id: 's',
  campaign_id: '1',
  status: 'connected',
  created_at: id,
  ...row,
});

test('changes of other clients reach every hook, all on one socket', async ({
  page,
  site,
  server,
}) => {
  await open(page, site, server);
  await expect(page.getByTestId('calls')).toHaveText('old');
  await expect(page.getByTestId('count')).toHaveText('1');
  await expect(page.getByTestId('stats')).toHaveText('null');
  await expect(page.getByText('Live', { exact: true })).toHaveClass('status-indicator online');
  await expect(page.getByTestId('retry')).toHaveText('connected');
  await expect(lines(page, 'setup')).toHaveText(['campaign-changes']);
  const tracker = page.locator('.call-tracker').getByRole('listitem');
  await expect(tracker).toHaveText(['old: connected']);

  await write(server, 'POST', 'calls', call('2'));
  await write(server, 'POST', 'calls', call('3', { supplier_id: 'another', campaign_id: '2' }));
  await write(server, 'PATCH', 'calls?id=eq.old', { status: 'completed', revenue: 12 });
  await expect(page.getByTestId('calls')).toHaveText('2 old');
  await expect(page.getByTestId('count')).toHaveText('1');
  await expect(page.getByTestId('stats')).toHaveText('{"totalCalls":1,"revenue":12}');
  await expect(tracker).toHaveText(['old: completed', '2: connected']);
  await expect(lines(page, 'readme')).toHaveText(['2 connected', '3 connected']);
  await expect(lines(page, 'changes')).toHaveText(['insert 2', 'update old']);
  await expect(page.getByTestId('subscription')).toContainText('connected  UPDATE open');

  await write(server, 'DELETE', 'calls?id=eq.2');
  await expect(page.getByTestId('calls')).toHaveText('old');
  await expect(page.getByTestId('count')).toHaveText('0');
  await expect(page.getByTestId('stats')).toHaveText('{"totalCalls":0,"revenue":12}');
  await expect(tracker).toHaveText(['old: completed']);

  await write(server, 'PATCH', 'campaigns?id=eq.1', { name: 'Summer' });
  await write(server, 'PATCH', 'supplier_stats?id=eq.st', { total_calls: 40 });
  await write(server, 'POST', 'comments', { id: 'c', post_id: '7', body: 'Hello' });
  await write(server, 'POST', 'comments', { id: 'd', post_id: '8', body: 'Elsewhere' });
  await write(server, 'PATCH', 'views?id=eq.v', { count: 2 });
  await expect(lines(page, 'setup')).toHaveText(['campaign-changes', 'UPDATE Summer']);
  await expect(lines(page, 'post')).toHaveText(['comment Hello', 'views 2']);
  await expect(page.getByTestId('stats')).toHaveText('{"totalCalls":40,"revenue":12}');
  await expect(lines(page, 'entities')).toHaveText([
    'stats 40',
    'call INSERT',
    'call DELETE',
    'campaign Summer',
  ]);
  expect(await server.supabaseSockets()).toHaveLength(1);
});

test('after an interruption all is live again, and missed changes are shown', async ({
  page,
  site,
  server,
}) => {
  await open(page, site, server);
  await page.context().setOffline(true);
  await server.cutSupabase();
  await expect(page.locator('.status-indicator')).toHaveClass('status-indicator offline');
  await expect(page.getByTestId('retry')).toContainText('retrying');
  await expect(page.getByTestId('subscription')).toContainText('connecting error');
  await write(server, 'POST', 'calls', call('2'));
  await write(server, 'DELETE', 'calls?id=eq.old');
  await page.context().setOffline(false);
  await live(page);
  await expect(page.getByTestId('calls')).toHaveText('2');
  await expect(page.getByTestId('count')).toHaveText('1');
  await expect(page.locator('.call-tracker').getByRole('listitem')).toHaveText(['2: connected']);
  await expect(page.getByTestId('retry')).toHaveText('connected');
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await write(server, 'POST', 'calls', call('4'));
  await expect(lines(page, 'readme').last()).toHaveText('4 connected');
  await expect(lines(page, 'changes').last()).toHaveText('insert 4');
});

test('a subscription can be left and made again, and unmounted hooks leave no channel', async ({
  page,
  site,
  server,
}) => {
  await open(page, site, server);
  await page.getByRole('button', { name: 'Leave' }).click();
  await expect(page.getByTestId('subscription')).toContainText('closed');
  await expect
    .poll(async () => (await server.supabaseSockets())[0]?.topics.join())
    .not.toContain('rt:calls:supplier_id');
  await page.getByRole('button', { name: 'Join' }).click();
  await live(page);
  await page.getByRole('button', { name: 'Toggle' }).click();
  await expect.poll(() => channels(page)).toEqual([]);
  await expect
    .poll(async () => (await server.supabaseSockets()).filter(({ open: is }) => is))
    .toEqual([]);
  await page.getByRole('button', { name: 'Toggle' }).click();
  await live(page);
});

test('notifications are shown and removed; an error boundary retries', async ({
  page,
  site,
  server,
}) => {
  await open(page, site, server);
  const toasts = page.locator('.notification-container');
  await page.getByRole('button', { name: 'Lose' }).click();
  await page.getByRole('button', { name: 'Pay' }).click();
  await expect(toasts.getByRole('alert')).toContainText('Lost');
  await expect(page.getByTestId('toasts')).toHaveText('1');
  await toasts.getByRole('button', { name: 'Close' }).click();
  await expect(toasts).toBeEmpty();
  await page.getByRole('button', { name: 'Lose' }).click();
  await page.getByRole('button', { name: 'Remove newest' }).click();
  await expect(page.getByTestId('toasts')).toHaveText('0');

  const panels: string[] = [];
  await page.exposeFunction('shown', (panel: string) => panels.push(panel));
  await page.evaluate(() => {
    new MutationObserver(() => {
      const panel = document.querySelector('.realtime-error-boundary');
      // biome-ignore lint/suspicious/noExplicitAny: the test's own function
      if (panel) (window as any).shown(panel.textContent);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await page.getByRole('button', { name: 'Fail' }).click();
  await expect.poll(() => panels.join()).toContain('The Call Tracking feature is temporarily');
  await expect(page.getByRole('button', { name: 'Fail' })).toBeVisible();
  await live(page);
});
