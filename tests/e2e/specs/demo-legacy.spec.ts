/** The demo's pages of the legacy systems: their own code, for two users at once. */
import { expect, type FrameLocator, type Locator, type Page, test } from '@playwright/test';
import { expectAccessible } from '../support/accessibility.js';
import { ConsoleErrors } from '../support/console-errors.js';
import { buildDemoPage } from '../support/demo-page.js';
import { ReferenceServer } from '../support/server.js';

test.describe.configure({ mode: 'default' });

let server: ReferenceServer;
const consoleErrors = new ConsoleErrors();

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const flags = ['--static', await buildDemoPage('demo-legacy'), '--demo', '--demo-traffic'];
  server = await ReferenceServer.start({ flags });
});

test.afterAll(() => server.stop());

test.beforeEach(({ page }) => consoleErrors.of(page));

test.afterEach(() => expect(consoleErrors.take()).toEqual([]));

/** Opens the page of a system; returns Ann's part of it, and Bob's in the frame. */
async function open(page: Page, system: string): Promise<[ann: Locator, bob: Locator]> {
  await page.goto(`${server.origin}/#/legacy/${system}`);
  const frame: FrameLocator = page.frameLocator('iframe');
  return [page.getByTestId('legacy-ann'), frame.getByTestId('legacy-bob')];
}

async function write(within: Locator, label: string, text: string): Promise<void> {
  const field = within.getByLabel(label, { exact: true });
  await field.fill(text);
  await field.press('Enter');
}

const row = (within: Locator, list: string, text: string): Locator =>
  within.getByRole('list', { name: list }).getByRole('listitem').filter({ hasText: text });

test('the legacy systems are listed with links to their pages', async ({ page }) => {
  await page.goto(`${server.origin}/#/legacy`);
  await expect(page.getByRole('listitem').getByText('tidewire/legacy/')).toHaveCount(5);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Lazy client' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Lazy client' })).toBeFocused();
});

test('the former address of a legacy page redirects', async ({ page }) => {
  await page.goto(`${server.origin}/#/older/lazy-client`);
  await expect(page).toHaveURL(/#\/legacy\/lazy-client$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Lazy client' })).toBeVisible();
});

test('row changes: notes, statuses and presence are live on both sides', async ({ page }) => {
  const [ann, bob] = await open(page, 'interviews');
  for (const side of [ann, bob]) {
    await expect(side.getByTestId('people')).toHaveText('Here: Ann, Bob');
  }
  await write(ann, 'New note', 'By a legacy hook');
  await expect(row(bob, 'Notes', 'By a legacy hook')).toBeVisible();
  await bob.getByRole('button', { name: 'Delete “By a legacy hook”' }).click();
  await expect(row(ann, 'Notes', 'By a legacy hook')).toHaveCount(0);
  await bob.getByRole('button', { name: 'Process “Leaving a review”' }).click();
  await expect(row(ann, 'Interviews', 'Leaving a review')).toContainText('processing');
  await expectAccessible(page);
});

test('broadcasts: a note has its real id on both sides, and changes on both', async ({ page }) => {
  const [ann, bob] = await open(page, 'broadcast');
  for (const side of [ann, bob]) {
    await expect(side.getByTestId('people')).toHaveText('Here: Ann, Bob');
  }
  await write(ann, 'New note', 'Sent by a broadcast');
  const [own, others] = [ann, bob].map((side) => row(side, 'Notes', 'Sent by a broadcast'));
  await expect(own as Locator).not.toHaveAttribute('data-key', /^temp-/);
  const id = await (own as Locator).getAttribute('data-key');
  await expect(others as Locator).toHaveAttribute('data-key', id ?? '');
  await bob.getByRole('button', { name: 'Mark “Sent by a broadcast”' }).click();
  await expect(own as Locator).toContainText('(seen)');
  await ann.getByRole('button', { name: 'Delete “Sent by a broadcast (seen)”' }).click();
  await expect(others as Locator).toHaveCount(0);
  await expectAccessible(page);
});

test('lazy client: it reconnects after the last subscription has ended', async ({ page }) => {
  const [ann, bob] = await open(page, 'lazy-client');
  const state = ann.getByTestId('state');
  await expect(state).toHaveText('authenticated');
  await expect(bob.getByTestId('state')).toHaveText('authenticated');
  await write(bob, 'Send a message', 'first words');
  await expect(row(ann, 'Chat', 'first words')).toContainText('Bob');
  await ann.getByRole('switch', { name: 'Listen' }).click();
  await expect(state).toHaveText('disconnected');
  await ann.getByRole('switch', { name: 'Listen' }).click();
  await expect(state).toHaveText('authenticated');
  await write(bob, 'Send a message', 'second words');
  await expect(row(ann, 'Chat', 'second words')).toBeVisible();
  await expect(ann.getByTestId('feed')).not.toHaveText(/^0 /);
  await expectAccessible(page);
});

test('civic module: figures, updates, typing and comments are received without polling', async ({
  page,
}) => {
  const [ann, bob] = await open(page, 'core-realtime');
  for (const side of [ann, bob]) {
    await expect(side.getByTestId('status')).toContainText('Status: Connected');
  }
  await expect.poll(() => server.joined()).toContain('bill:1');
  await server.change('bill-engagement', { change: 'update', row: { id: '1', view_count: 4321 } });
  await expect(ann.locator('[data-figure="Views"] dd')).toHaveText('4321');
  await server.change('bills', { change: 'update', row: { id: '1', status: 'floor' } });
  await expect(row(ann, 'Updates', 'status change')).toBeVisible();
  await ann.getByLabel('Write a comment').pressSequentially('Well');
  await expect(bob.getByTestId('typing')).toHaveText('1 user typing…');
  await write(ann, 'Write a comment', 'Well said');
  await expect(row(bob, 'Comments', 'Well said')).toBeVisible();
  await expect(bob.getByTestId('typing')).toHaveText('');
  await expectAccessible(page);
});

test('call marketplace: a call shows, counts, notifies and ends on both sides', async ({
  page,
}) => {
  const [ann, bob] = await open(page, 'supabase-hooks');
  const active = (side: Locator): Locator => side.locator('[data-figure="Active"] dd');
  for (const side of [ann, bob]) {
    await expect(row(side, 'Calls', '+1 555 0121')).toBeVisible();
    await expect(active(side)).toHaveText('0');
  }
  await ann.getByRole('button', { name: 'Take a call' }).click();
  const call = row(bob, 'Calls', 'connected');
  await expect(call).toHaveCount(1);
  await expect(active(bob)).toHaveText('1');
  await expect(bob.locator('.notification')).toContainText('A call from +1 555 0123');
  await ann.getByRole('button', { name: 'Hang it up' }).click();
  await expect(active(bob)).toHaveText('0');
  await expect(call).toHaveCount(0);
  await expect(bob.locator('[data-figure="Newest"] dd')).toHaveText('completed');
  await expectAccessible(page);
});
