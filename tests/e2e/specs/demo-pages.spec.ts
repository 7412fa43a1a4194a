/** The demo's further pages: each does what it describes, for two users at once. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { expectAccessible } from '../support/accessibility.js';
import { ConsoleErrors } from '../support/console-errors.js';
import { buildDemoPage } from '../support/demo-page.js';
import { ReferenceServer } from '../support/server.js';

test.describe.configure({ mode: 'default' });

/** One server without other traffic, and one with traffic of other users. */
let quiet: ReferenceServer;
let busy: ReferenceServer;

const consoleErrors = new ConsoleErrors();

const part = (page: Page | Locator, id: string): Locator => page.getByTestId(id);
const pane = (page: Page, id: string): Locator => part(page, `pane-${id}`);
const figure = (page: Page | Locator, name: string): Locator =>
  page.locator(`[data-figure="${name}"] dd`);

async function open(page: Page, path: string, server = quiet): Promise<void> {
  await page.goto(`${server.remoteOrigin}/#${path}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** Every pane of the page is connected. */
async function expectConnected(page: Page): Promise<void> {
  const indicators = page.locator('.pane-head .tw-connection-indicator');
  await expect(indicators.first()).toBeVisible();
  for (const indicator of await indicators.all()) {
    await expect(indicator).toHaveAttribute('data-state', 'ready');
  }
}

async function write(within: Locator, label: string, text: string): Promise<void> {
  const field = within.getByLabel(label, { exact: true });
  await field.fill(text);
  await field.press('Enter');
}

/** Calls the REST API as a user who has no page open. */
async function callApi(
  method: string,
  path: string,
  body?: object,
  user = 'dana',
): Promise<Response> {
  const { token } = await (await fetch(`${quiet.origin}/demo/token?user=${user}`)).json();
  return fetch(`${quiet.origin}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
}

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const flags = ['--static', await buildDemoPage('demo-pages'), '--demo'];
  quiet = await ReferenceServer.start({ flags });
  busy = await ReferenceServer.start({ flags: [...flags, '--domain-traffic=20'] });
});

test.afterAll(async () => {
  await quiet.stop();
  await busy.stop();
});

test.beforeEach(({ page }) => consoleErrors.of(page));

test.afterEach(() => expect(consoleErrors.take()).toEqual([]));

test('every page can be reached by the keyboard, and each is loaded when it is shown', async ({
  page,
}) => {
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await page.goto(`${quiet.remoteOrigin}/?control=${quiet.controlPort}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    'One WebSocket for the whole page',
  );
  expect(loaded.filter((url) => url.includes('-page-'))).toEqual([]);

  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  expect(new URL(page.url()).hash, 'the skip link is no page').toBe('');

  await page.getByRole('link', { name: 'Bids' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Bids' })).toBeFocused();
  await expect(page).toHaveTitle('Bids – tidewire, live');
  await expect(page.getByRole('link', { name: 'Bids' })).toHaveAttribute('aria-current', 'page');
  expect(loaded.some((url) => url.includes('bids-page-'))).toBe(true);
  expect(new URL(page.url()).search).toBe(`?control=${quiet.controlPort}`);

  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    'One WebSocket for the whole page',
  );
  await page.goto(`${quiet.remoteOrigin}/#/nowhere`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No such page');
});

test('on a phone the pages are behind a button', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, '/bills');
  const button = page.getByRole('button', { name: 'Pages, now: Bills' });
  const link = page.getByRole('link', { name: 'Calls' });
  await expect(link).toBeHidden();
  await button.click();
  await expect(link).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(link).toBeHidden();
  await expect(button).toBeFocused();
  await button.press('Enter');
  await link.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Calls' })).toBeVisible();
  await expect(link).toBeHidden();
});

test('leaving a page closes its connections', async ({ page }) => {
  await open(page, '/interviews');
  await expectConnected(page);
  await expect.poll(async () => (await quiet.openConnections()).length).toBe(2);
  await page.getByRole('link', { name: 'Connection' }).click();
  await expect.poll(async () => (await quiet.openConnections()).length).toBe(0);
});

test('interviews: two users see each other, their typing, notes and replies', async ({ page }) => {
  await open(page, '/interviews');
  const [ann, bob] = [pane(page, 'ann'), pane(page, 'bob')];
  await expect(ann.getByText('2 people are here', { exact: true }).first()).toBeVisible();

  await ann.getByLabel('New note').pressSequentially('Seen twice');
  await expect(bob.locator('.tw-typing-indicator')).toContainText('Ann is typing');
  await ann.getByRole('button', { name: 'Add note' }).click();
  const note = (within: Locator): Locator => part(within, 'note').filter({ hasText: 'Seen twice' });
  await expect(note(bob)).toContainText('Ann');
  await expect(bob.locator('.tw-typing-indicator')).toHaveText('');
  await expect(note(ann)).toHaveAttribute('data-pending', 'false');

  await note(bob).getByRole('button', { name: 'Reply' }).click();
  await write(note(bob), 'Your reply', 'Three times');
  await expect(part(note(ann), 'reply')).toContainText('Three times');
  await expect(bob.getByRole('button', { name: 'Reply to “Seen twice”' })).toBeFocused();
  await expect(note(bob).getByRole('button', { name: 'Remove' })).toHaveCount(0);
  await note(ann).getByRole('button', { name: 'Remove' }).click();
  await expect(note(bob)).toHaveCount(0);

  await bob.getByLabel('Interview', { exact: true }).selectOption('interview-2');
  await expect(ann.getByText('1 person is here', { exact: true }).first()).toBeVisible();
});

test('interviews: a rejected note is rolled back alone, other pending notes stay', async ({
  page,
  context,
}) => {
  await open(page, '/interviews');
  const [ann, bob] = [pane(page, 'ann'), pane(page, 'bob')];
  await expectConnected(page);
  await expect(part(ann, 'note').first()).toBeVisible();
  await context.setOffline(true);
  await write(ann, 'New note', 'Written offline');
  await write(ann, 'New note', 'A forbidden thought');
  await expect(part(ann, 'saving')).toHaveCount(2);
  await context.setOffline(false);
  await expect(part(ann, 'rollback')).toContainText('“A forbidden thought”');
  await expect(part(ann, 'note').filter({ hasText: 'forbidden' })).toHaveCount(0);
  await expect(part(ann, 'note').filter({ hasText: 'Written offline' })).toHaveAttribute(
    'data-pending',
    'false',
  );
  await expect(part(bob, 'note').filter({ hasText: 'Written offline' })).toHaveCount(1);
  await expect(part(bob, 'rollback')).toHaveCount(0);
  consoleErrors.ignore(/ERR_INTERNET_DISCONNECTED/);
});

test('bills: events and engagement show live', async ({ page }) => {
  await open(page, '/bills');
  const bill = part(page, 'bill');
  await expect(bill).toHaveAttribute('data-key', '1');
  await expectConnected(page);
  await page.getByRole('link', { name: 'Open data of public works' }).click();
  await expect(bill).toHaveAttribute('data-key', '3');
  await expect(page).toHaveURL(/#\/bills\/3$/);
  const views = Number((await figure(bill, 'Views').innerText()).replaceAll(',', ''));
  await expect.poll(() => quiet.joined()).toContain('bill:3');

  await callApi('PATCH', '/bills/3', { status: 'floor' });
  await expect(bill.locator('[data-event="status_change"]')).toContainText(
    'Status from introduced to floor',
  );
  await expect(part(page, 'bill-3')).toContainText('floor');
  await callApi('PATCH', '/engagement/3', { view_count: views + 5 });
  await expect(figure(bill, 'Views')).toContainText('+5');
  await expect(bill.getByRole('figure', { name: 'Views of SB 27' })).toContainText(
    `latest ${views + 5}`,
  );
});

test('community: comments, replies, votes and decisions are shown to all at once', async ({
  page,
}) => {
  await open(page, '/community');
  const [ann, bob, cleo] = ['ann', 'bob', 'cleo'].map((id) => pane(page, id)) as [
    Locator,
    Locator,
    Locator,
  ];
  await expectConnected(page);
  const comment = (within: Locator): Locator =>
    part(within, 'comment').filter({ hasText: 'Rather late' });

  await ann.getByLabel('New comment').pressSequentially('Rather late');
  await expect(bob.locator('.tw-typing-indicator')).toContainText('Ann is typing');
  await ann.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(comment(bob)).toContainText('Ann');
  await comment(bob).getByRole('button', { name: 'Reply' }).click();
  await write(comment(bob), 'Your reply', 'Not too late');
  await expect(comment(ann)).toContainText('Not too late');

  const support = Number(await part(ann, 'vote-support').getAttribute('data-count'));
  await part(bob, 'vote-support').click();
  await expect(part(ann, 'vote-support')).toHaveAttribute('data-count', `${support + 1}`);
  await expect(part(bob, 'vote-support')).toHaveAttribute('aria-pressed', 'true');
  await expect(part(ann, 'vote-support')).toHaveAttribute('aria-pressed', 'false');
  await part(bob, 'vote-oppose').click();
  await expect(part(ann, 'vote-support')).toHaveAttribute('data-count', `${support}`);

  await bob.getByRole('button', { name: 'Report “Rather late”' }).click();
  await expect(comment(ann).first()).toHaveAttribute('data-state', 'flagged');
  await cleo.getByRole('button', { name: 'Remove the comment “Rather late”' }).click();
  for (const reader of [ann, bob]) {
    await expect(reader.getByText('Removed by a moderator.')).toBeVisible();
    await expect(reader.getByText('Rather late')).toHaveCount(0);
  }
  await expect(cleo.getByText('Rather late')).toHaveCount(0);
  await callApi('PATCH', '/experts/5', { contributions: 41 });
  await expect(part(cleo, 'experts')).toContainText('41 contributions');
});

test('notifications: the important first, and read ones are marked everywhere', async ({
  page,
}) => {
  await open(page, '/notifications');
  const [laptop, phone] = [pane(page, 'laptop'), pane(page, 'phone')];
  await expectConnected(page);
  const unread = (within: Locator): Locator => part(within, 'unread');
  await expect(unread(phone)).toHaveAttribute('data-count', '0');

  for (const name of ['Message', 'Payment confirmation', 'System alert']) {
    await laptop.getByRole('button', { name, exact: true }).click();
  }
  await expect(part(phone, 'notification')).toHaveText([
    /Disk almost full/,
    /Payment confirmed/,
    /Somebody answered/,
  ]);
  const toasts = laptop.getByRole('region', { name: 'Notifications', exact: true });
  await expect(toasts.getByRole('alert')).toContainText('Disk almost full');
  await toasts.getByRole('button', { name: 'Close: Disk almost full' }).press('Escape');
  await expect(toasts.getByRole('alert')).toHaveCount(0);
  await expect(unread(phone)).toHaveAttribute('data-count', '2');

  await phone.getByRole('button', { name: 'Mark as read: Payment confirmed' }).click();
  await expect(unread(laptop)).toHaveAttribute('data-count', '1');
  await phone.getByLabel('Show').selectOption('payment');
  await expect(part(phone, 'notification')).toHaveCount(1);
  await laptop.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(unread(phone)).toHaveAttribute('data-count', '0');
  await phone.getByRole('button', { name: 'Remove: Payment confirmed' }).click();
  await expect(part(laptop, 'notification')).toHaveCount(2);
  expect((await callApi('GET', '/users/ann/notifications', undefined, 'bob')).status).toBe(403);
});

test('calls: a call rings, lasts and ends, and the statistics are updated', async ({ page }) => {
  await open(page, '/calls/3');
  await expectConnected(page);
  const tracker = page.locator('.call-tracker');
  const call = tracker.getByRole('listitem').filter({ hasText: '+1 555 0123' }).first();
  await expect(figure(page, 'Running')).toHaveText('0');
  await expect(part(page, 'campaign-3')).toContainText('0 running');

  await part(page, 'test-call').click();
  await expect(call).toContainText('Ringing');
  await expect(figure(page, 'Running')).toHaveText('1');
  await expect(page.getByRole('figure', { name: 'Running calls of Removals' })).toContainText(
    'latest 1',
  );
  const revenue = await figure(page, 'Revenue').innerText();
  await part(page, 'test-call').click();
  await expect(call).toContainText('Connected');
  await expect(call.locator('.tw-call-duration')).toHaveText(/^0:(0[1-9]|[1-5]\d)$/);
  await part(page, 'test-call').click();
  await expect(call).toContainText('Completed');
  await expect(figure(page, 'Running')).toHaveText('0');
  await expect(figure(page, 'Revenue')).not.toHaveText(revenue);

  await page.getByRole('switch', { name: 'Active Removals' }).click();
  await expect(part(page, 'campaign-3')).toHaveAttribute('data-status', 'paused');
  await page.getByRole('link', { name: 'Solar roofs' }).click();
  await expect(page.getByRole('heading', { name: 'Calls of “Solar roofs”' })).toBeVisible();
});

test('bids: a bid shows in both panes, and one that is too low is rolled back', async ({
  page,
}) => {
  await open(page, '/bids');
  const [ann, bob] = [pane(page, 'ann'), pane(page, 'bob')];
  await expectConnected(page);
  await expect(ann.getByText('Highest bid: US$25.00 by Farah').first()).toBeVisible();
  await write(ann, 'Your bid', '30');
  await expect(bob.getByText('Highest bid: US$30.00 by Ann').first()).toBeVisible();
  await expect(ann.getByText('Highest bid: US$30.00 by you').first()).toBeVisible();

  await write(bob, 'Your bid', '29');
  await expect(bob.getByRole('alert')).toContainText('Your bid of US$29.00 was not taken');
  await expect(bob.getByRole('listitem').filter({ hasText: 'US$29.00' })).toHaveCount(0);
  await expect(bob.getByRole('listitem').filter({ hasText: 'US$30.00' })).toHaveCount(1);
  await expect(ann.getByRole('listitem').filter({ hasText: 'US$29.00' })).toHaveCount(0);
  await expect(bob.getByRole('button', { name: 'Withdraw your bid' })).toBeDisabled();
  await ann.getByRole('button', { name: 'Withdraw your bid' }).click();
  await expect(bob.getByRole('listitem').filter({ hasText: 'US$30.00' })).toContainText(
    'Withdrawn',
  );
  consoleErrors.ignore(/status of 409/);
});

test('components: all ten render and update', async ({ page }) => {
  await open(page, '/components', busy);
  await expectConnected(page);
  await expect(page.locator('[data-testid^="exhibit-"]')).toHaveCount(10);
  const exhibit = (name: string): Locator => part(page, `exhibit-${name}`);
  await page.getByLabel('Type as Bob').pressSequentially('hello');
  await expect(exhibit('TypingIndicator')).toContainText('bob is typing');
  await expect(exhibit('ActiveUsers')).toContainText('2 people are here');
  await expect(exhibit('OnlineStatus').getByRole('status')).toHaveText('Live');
  await exhibit('NotificationToast').getByRole('button', { name: 'Show one' }).click();
  await expect(exhibit('NotificationToast')).toContainText('Hello from the gallery');
  await expect(exhibit('CallTracker').getByRole('listitem')).toHaveCount(6);
  await expect(exhibit('RealtimeChart')).toContainText('latest');
  await expect(exhibit('LiveBidding').getByRole('listitem').first()).toBeVisible();
  await expect(exhibit('LiveFeed').getByRole('article').first()).toBeVisible();
  await expect(exhibit('CallDuration').getByText(/^0:0[1-9]$/)).toBeVisible();
});

const PAGES: readonly [path: string, content: string][] = [
  ['/interviews', '[data-testid="note"]'],
  ['/bills', '.bill-event'],
  ['/community', '[data-testid="comment"]'],
  ['/notifications', '[data-testid="notification"]'],
  ['/calls', '.tw-call'],
  ['/bids', '.tw-bid'],
  ['/components', '.tw-chart-summary'],
];

for (const [path, content] of PAGES) {
  test(`${path} updates live, and axe finds no violations, light and dark, on desktop and phone`, async ({
    page,
  }) => {
    await open(page, path, busy);
    await expect(page.locator(content).first()).toBeVisible();
    await expectAccessible(page);
  });
}
