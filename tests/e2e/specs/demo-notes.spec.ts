/** The notes of the demo page: what is shown to all users, marked, rejected and lost. */
import AxeBuilder from '@axe-core/playwright';
import { type Browser, expect, type Locator, type Page, test } from '@playwright/test';
import { buildDemoPage } from '../support/demo-page.js';
import { ReferenceServer } from '../support/server.js';

test.describe.configure({ mode: 'default' });

let server: ReferenceServer;
const thrown: Error[] = [];

const part = (page: Page | Locator, id: string): Locator => page.getByTestId(id);

/** The notes with this title. */
function note(page: Page, title: string): Locator {
  return part(page, 'note').filter({
    has: page.getByRole('heading', { name: title, exact: true }),
  });
}

async function expectPending(page: Page, changes: number): Promise<void> {
  await expect(part(page, 'board-state')).toHaveAttribute('data-pending', String(changes));
}

async function add(page: Page, title: string, body = ''): Promise<void> {
  const form = page.getByRole('form', { name: 'New note' });
  await part(form, 'note-title').fill(title);
  await part(form, 'note-body').fill(body);
  await part(form, 'note-submit').click();
}

async function edit(
  page: Page,
  title: string,
  changes: { title?: string; body?: string },
): Promise<void> {
  await part(note(page, title), 'note-edit').click();
  const form = page.getByRole('form', { name: title, exact: true });
  if (changes.title !== undefined) await part(form, 'note-title').fill(changes.title);
  if (changes.body !== undefined) await part(form, 'note-body').fill(changes.body);
  await part(form, 'note-submit').click();
}

async function openBoard(page: Page): Promise<void> {
  page.on('pageerror', (error) => thrown.push(error));
  await page.goto(`${server.remoteOrigin}/?control=${server.controlPort}`);
  await part(page, 'switch-notes').click();
  await expect(part(page, 'board-state')).toHaveAttribute('data-loading', 'false');
  await expect(part(page, 'state')).toHaveAttribute('data-state', 'ready');
}

/** Opens the board as another user. */
async function openOther(browser: Browser, name?: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  if (name !== undefined) {
    await page.addInitScript((own) => sessionStorage.setItem('tidewire-demo-name', own), name);
  }
  await openBoard(page);
  return page;
}

async function goOffline(page: Page): Promise<void> {
  await part(page, 'offline').click();
  await expect(part(page, 'state')).toHaveAttribute('data-state', 'offline');
}

const nameOf = (page: Page): Promise<string> => page.getByLabel('Your name').inputValue();

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const flags = ['--static', await buildDemoPage('demo-notes'), '--demo'];
  server = await ReferenceServer.start({ flags });
});

test.afterAll(() => server.stop());

test.beforeEach(() => {
  thrown.length = 0;
});

test.afterEach(() => expect(thrown).toEqual([]));

test('each page shows what the other inserts, updates and removes', async ({ page, browser }) => {
  await openBoard(page);
  const other = await openOther(browser);
  await add(page, 'Shared', 'first words');
  await expect(note(other, 'Shared')).toContainText('first words');
  await edit(other, 'Shared', { body: 'other words' });
  await expect(note(page, 'Shared')).toContainText('other words');
  await part(note(page, 'Shared'), 'note-remove').click();
  await expect(note(page, 'Shared')).toHaveCount(0);
  await expect(note(other, 'Shared')).toHaveCount(0);
  await other.context().close();
});

test('offline changes are marked until they are stored, and stored once', async ({
  page,
  browser,
}) => {
  await openBoard(page);
  const other = await openOther(browser);
  await goOffline(page);
  await add(page, 'Written offline');
  await edit(page, 'Welcome', { body: 'changed offline' });
  await expect(note(page, 'Written offline')).toContainText('new, saving');
  await expect(note(page, 'Written offline')).toHaveAttribute('data-key', /^tmp:/);
  await expect(note(page, 'Welcome')).toContainText('changed offline');
  await expect(note(page, 'Welcome')).toContainText('saving');
  await expectPending(page, 2);
  await expect(note(other, 'Written offline')).toHaveCount(0);

  await part(page, 'offline').click();
  await expectPending(page, 0);
  await expect(note(page, 'Written offline')).toHaveCount(1);
  await expect(note(page, 'Written offline')).toContainText('stored');
  await expect(note(page, 'Written offline')).not.toHaveAttribute('data-key', /^tmp:/);
  await expect(note(other, 'Written offline')).toHaveCount(1);
  await expect(note(other, 'Welcome')).toContainText('changed offline');
  const titles = (await server.table('notes')).map(({ title }) => title);
  expect(titles.filter((title) => title === 'Written offline')).toHaveLength(1);
  await other.context().close();
});

test('changes during repeated cuts are stored once', async ({ page }) => {
  await openBoard(page);
  // Each cut makes the next backoff longer, so there are few.
  const titles = ['Cut 1', 'Cut 2'];
  for (const title of titles) {
    await add(page, title);
    await part(page, 'cut').click();
    // The second cut comes when a change was accepted and not yet acknowledged.
    await server.cut({ dropAfterAccept: true });
    await edit(page, title, { body: `about ${title}` });
  }
  await expectPending(page, 0);
  for (const title of titles) {
    await expect(note(page, title)).toHaveCount(1);
    await expect(note(page, title)).toContainText(`about ${title}`);
  }
  const cut = (await server.table('notes')).filter(({ title }) => titles.includes(`${title}`));
  expect(cut.map(({ title, body }) => `${title}: ${body}`).sort()).toEqual(
    titles.map((title) => `${title}: about ${title}`),
  );
});

test('a rejected title is rolled back alone, and can be retried', async ({ page, browser }) => {
  await openBoard(page);
  const other = await openOther(browser);
  await goOffline(page);
  await edit(page, 'Go offline', { title: 'A forbidden title' });
  await edit(page, 'A forbidden title', { body: 'another text' });
  await expect(note(page, 'A forbidden title')).toContainText('saving 2 changes');
  await part(page, 'offline').click();

  const kept = note(page, 'Go offline');
  const rejection = part(kept, 'rejection');
  await expect(rejection).toContainText('A forbidden title');
  await expect(rejection).toContainText('may not contain');
  await expect(kept).toContainText('another text');
  await expectPending(page, 0);
  await expect(note(other, 'Go offline')).toContainText('another text');

  await rejection.getByRole('button', { name: 'Try again' }).click();
  const form = page.getByRole('form', { name: 'Go offline' });
  await expect(part(form, 'note-title')).toHaveValue('A forbidden title');
  await part(form, 'note-title').fill('An allowed title');
  await part(form, 'note-submit').click();
  await expect(note(other, 'An allowed title')).toContainText('another text');
  await expect(part(page, 'rejection')).toHaveCount(0);
  await other.context().close();
});

test('a rejected note is removed, and its text can be edited again', async ({ page }) => {
  await openBoard(page);
  const long = 'long '.repeat(20).trim();
  await add(page, long, 'words to keep');
  const rejection = part(page, 'rejection');
  await expect(rejection).toContainText('at most 80 characters');
  await expect(note(page, long)).toHaveCount(0);
  await rejection.getByRole('button', { name: 'Try again' }).click();
  const form = page.getByRole('form', { name: 'New note' });
  await expect(part(form, 'note-title')).toHaveValue(long);
  await expect(part(form, 'note-title')).toBeFocused();
  await expect(part(form, 'note-body')).toHaveValue('words to keep');
  await part(form, 'note-title').fill('short');
  await part(form, 'note-submit').click();
  await expect(note(page, 'short')).toContainText('stored');
});

test('messages beyond the log are reported as lost, and the notes load again', async ({ page }) => {
  await openBoard(page);
  await expect(part(page, 'loss')).toHaveCount(0);
  for (const round of ['first', 'second']) {
    await part(page, 'lose').click();
    const loss = part(page, 'loss');
    await expect(loss, round).toHaveAttribute('data-reloaded', 'true');
    const from = Number(await loss.getAttribute('data-from'));
    const to = Number(await loss.getAttribute('data-to'));
    expect(to - from + 1, `${from} to ${to}`).toBe(12);
    await expect(loss).toContainText(`Messages ${from}–${to} about the notes are lost.`);
    await expect(loss).toContainText(/loaded again from the server at \d\d:\d\d:\d\d/);
    await expect(note(page, 'Written while you were cut off')).toContainText('Change 12 of 12.');
    const eventLog = part(page, 'event-log');
    await expect(eventLog).toContainText(`Channel notes lost messages ${from} to ${to}`);
    await expect(eventLog).toContainText(`as of message ${to}`);
    await loss.getByRole('button', { name: 'Dismiss' }).click();
    await expect(loss).toHaveCount(0);
  }
  await add(page, 'After the loss');
  await expect(note(page, 'After the loss')).toContainText('stored');
});

test('presence shows users joining, being away, typing and leaving', async ({ page, browser }) => {
  await openBoard(page);
  const ann = await openOther(browser, 'ann');
  const again = await openOther(browser, 'ann');
  const seen = page.locator('[data-testid="person"][data-name="ann"]');
  await expect(seen).toHaveAttribute('data-tabs', '2');
  await expect(page.locator(`[data-name="${await nameOf(page)}"]`)).toContainText('you');
  await again.context().close();
  await expect(seen).toHaveAttribute('data-tabs', '1');
  await part(ann, 'hide').click();
  await expect(seen).toHaveAttribute('data-away', 'true');
  await part(ann, 'hide').click();
  await expect(seen).toHaveAttribute('data-away', 'false');

  await part(note(ann, 'Look inside'), 'note-edit').click();
  await part(note(ann, 'Look inside'), 'note-body').pressSequentially('writing');
  await expect(part(page, 'typing')).toHaveText('ann is writing…');
  await expect(part(ann, 'typing')).toHaveText('');
  await ann.keyboard.press('Escape');
  await expect(part(page, 'typing')).toHaveText('');

  await ann.getByLabel('Your name').fill('bea');
  await ann.getByRole('button', { name: 'Use' }).click();
  await expect(page.locator('[data-testid="person"][data-name="bea"]')).toHaveCount(1);
  await expect(seen).toHaveCount(0);
  await ann.context().close();
});

test('notes can be added, edited and removed by the keyboard alone', async ({ page }) => {
  await openBoard(page);
  await part(page, 'note-title').focus();
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await expect(note(page, 'By keyboard')).toContainText('stored');
  await expect(part(page, 'note-title')).toBeFocused();

  const editButton = part(note(page, 'By keyboard'), 'note-edit');
  await editButton.focus();
  await page.keyboard.press('Enter');
  await expect(part(note(page, 'By keyboard'), 'note-title')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(editButton).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(note(page, 'By keyboard')).toHaveCount(0);
  await expect(part(page, 'notes')).toBeFocused();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [device, viewport] of [
    ['a desktop', { width: 1280, height: 800 }],
    ['a small phone', { width: 320, height: 640 }],
  ] as const) {
    test(`axe finds no violations, ${colorScheme}, on ${device}`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await openBoard(page);
      await part(page, 'lose').click();
      await expect(part(page, 'loss')).toHaveAttribute('data-reloaded', 'true');
      await edit(page, 'Look inside', { title: 'forbidden' });
      await add(page, 'forbidden too');
      await expect(part(page, 'rejection')).toHaveCount(2);
      await goOffline(page);
      await edit(page, 'Look inside', { body: `not stored on ${device}, ${colorScheme}` });
      await add(page, `Not stored on ${device}, ${colorScheme}`);
      await part(note(page, 'Pull the plug'), 'note-edit').click();
      await expectPending(page, 2);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
      ).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, 'no horizontal overflow').toBeLessThanOrEqual(0);
      await context.close();
    });
  }
}
