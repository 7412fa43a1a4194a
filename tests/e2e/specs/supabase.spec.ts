/** One page of an app with supabase-js: two components on one table and one list of people, always live. */
import type { Page } from '@playwright/test';
import type { ReferenceServer, ServerOptions } from '../support/server.js';
import type { Site } from '../support/site.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

const serverOptions: ServerOptions = {
  tables: {
    todos: {
      keys: 'integer',
      columns: [
        { name: 'owner', type: 'text' },
        { name: 'title', type: 'text' },
      ],
    },
  },
  supabase: { users: { 'ann@demo.test': 'demo', 'bob@demo.test': 'demo' } },
};

test.use({ serverOptions });

/** What a list shows. */
const list = (page: Page, id: string) => page.locator(`#${id} li`);

/** Signs in and waits until everything is live. */
async function begin(page: Page, site: Site, server: ReferenceServer, name: string): Promise<void> {
  const key = signToken({ sub: 'the public key', role: 'anon' });
  await page.goto(
    `${site.origin}/supabase.html?${new URLSearchParams({ url: server.remoteOrigin, key })}`,
  );
  await page.evaluate((who) => window.app.begin(who), name);
  await live(page);
}

const live = (page: Page) =>
  expect.poll(() => page.evaluate(() => window.app.state())).toBe('ready');

const insert = (page: Page, owner: string, title: string): Promise<void> =>
  page.evaluate((args) => window.app.insert(...args), [owner, title] as const);

test('each component shows its own rows, and all share one channel of one socket', async ({
  browser,
  page,
  site,
  server,
}) => {
  await begin(page, site, server, 'ann');
  const other = await (await browser.newContext()).newPage();
  await begin(other, site, server, 'bob');
  await insert(other, 'ann', 'Milk');
  await insert(other, 'bob', 'Bread');
  for (const each of [page, other]) {
    await expect(list(each, 'ann')).toHaveText(['Milk']);
    await expect(list(each, 'bob')).toHaveText(['Bread']);
    await expect(list(each, 'people')).toHaveText(['ann: desk', 'bob: desk']);
  }
  const sockets = await server.supabaseSockets();
  expect(sockets.map(({ open, topics }) => [open, topics])).toEqual([
    [true, ['realtime:todos']],
    [true, ['realtime:todos']],
  ]);
  await other.context().close();
  await expect(list(page, 'people')).toHaveText(['ann: desk']);
});

test('an unmounted component leaves the other one live', async ({ page, site, server }) => {
  await begin(page, site, server, 'ann');
  await insert(page, 'bob', 'Bread');
  await expect(list(page, 'bob')).toHaveText(['Bread']);
  await page.evaluate(() => window.app.close('ann'));
  await insert(page, 'ann', 'Milk');
  await insert(page, 'bob', 'Butter');
  await expect(list(page, 'bob')).toHaveText(['Bread', 'Butter']);
  await expect(list(page, 'ann')).toHaveText([]);
  await expect(list(page, 'people')).toHaveText(['ann: desk']);
});

test('a refreshed token replaces the former one on the same socket', async ({
  page,
  site,
  server,
}) => {
  await server.supabaseSettings({ tokenTtlMs: 2_000 });
  await begin(page, site, server, 'ann');
  const end = Date.now() + 2_000;
  await server.supabaseSettings({ tokenTtlMs: 600_000 });
  await page.evaluate(() => window.app.refresh());
  await expect.poll(() => Date.now()).toBeGreaterThan(end + 200);
  await live(page);
  await insert(page, 'ann', 'Milk');
  await expect(list(page, 'ann')).toHaveText(['Milk']);
  await expect(list(page, 'people')).toHaveText(['ann: desk']);
  expect(await server.supabaseSockets()).toHaveLength(1);
  expect(await server.supabaseJoins(), 'nothing was interrupted').toEqual(['ok']);
});

test('after a cut everything is live again, and missed changes are shown', async ({
  page,
  site,
  server,
}) => {
  await begin(page, site, server, 'ann');
  await insert(page, 'ann', 'Milk');
  await expect(list(page, 'ann')).toHaveText(['Milk']);
  await page.context().setOffline(true);
  await server.cutSupabase();
  await expect.poll(() => page.evaluate(() => window.app.state())).toBe('joining');
  const answer = await fetch(`${server.origin}/rest/v1/todos`, {
    method: 'POST',
    headers: { apikey: signToken({ role: 'service_role' }) },
    body: JSON.stringify({ owner: 'ann', title: 'Bread' }),
  });
  expect(answer.status).toBe(201);
  await page.context().setOffline(false);
  await live(page);
  await expect(list(page, 'ann')).toHaveText(['Milk', 'Bread']);
  await expect(list(page, 'people')).toHaveText(['ann: desk']);
  await insert(page, 'bob', 'Butter');
  await expect(list(page, 'bob')).toHaveText(['Butter']);
});
