/** The demo page: its display and its controls. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { buildDemoPage } from '../support/demo-page.js';
import { ReferenceServer } from '../support/server.js';

test.describe.configure({ mode: 'default' });

let server: ReferenceServer;
const thrown: Error[] = [];

const part = (page: Page, id: string): Locator => page.getByTestId(id);

async function expectState(page: Page, state: string): Promise<void> {
  await expect(part(page, 'state')).toHaveAttribute('data-state', state);
}

async function startListening(page: Page): Promise<void> {
  await part(page, 'listen').click();
  await expectState(page, 'ready');
  await expect(part(page, 'feed-item').first()).toBeVisible();
}

async function send(page: Page, text: string): Promise<Locator> {
  await part(page, 'message').fill(text);
  await part(page, 'send').click();
  return part(page, 'line').filter({ hasText: text });
}

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const flags = ['--static', await buildDemoPage('demo'), '--demo', '--demo-traffic'];
  server = await ReferenceServer.start({ flags });
});

test.afterAll(() => server.stop());

test.beforeEach(async ({ page }) => {
  thrown.length = 0;
  page.on('pageerror', (error) => thrown.push(error));
  await page.goto(`${server.remoteOrigin}/?control=${server.controlPort}`);
});

test.afterEach(() => expect(thrown).toEqual([]));

test('no connection is opened before the first click', async ({ page }) => {
  await expectState(page, 'idle');
  await expect(part(page, 'sockets')).toHaveAttribute('data-count', '0');
  await expect(part(page, 'engine')).toHaveAttribute('data-phase', 'absent');
});

test('two components share a channel and a socket, and the last one closes it', async ({
  page,
}) => {
  await startListening(page);
  await expect(part(page, 'listeners')).toHaveAttribute('data-count', '2');
  await expect(part(page, 'channels')).toHaveAttribute('data-count', '1');
  await expect(part(page, 'sockets')).toHaveAttribute('data-count', '1');
  await expect(part(page, 'membership')).toHaveAttribute('data-references', '2');
  await part(page, 'switch-list').click();
  await expect(part(page, 'membership')).toHaveAttribute('data-references', '1');
  await expectState(page, 'ready');
  await part(page, 'listen').click();
  await expectState(page, 'idle');
  await expect(part(page, 'sockets')).toHaveAttribute('data-count', '0');
});

test('a sent message shows its status, and a second tab receives it', async ({ page, browser }) => {
  await part(page, 'switch-room').click();
  const other = await browser.newPage();
  await other.goto(server.remoteOrigin);
  await part(other, 'switch-room').click();
  await expectState(page, 'ready');
  await expectState(other, 'ready');
  const line = await send(page, 'hello there');
  await expect(line).toHaveAttribute('data-status', 'acked');
  await expect(line).toHaveAttribute('data-arrivals', '1');
  await expect(part(other, 'line').filter({ hasText: 'hello there' })).toBeVisible();
  await other.close();
});

test('a hidden page pauses after 5 s; messages sent meanwhile are queued and arrive once', async ({
  page,
}) => {
  await part(page, 'switch-room').click();
  await expectState(page, 'ready');
  await part(page, 'hide').click();
  await expectState(page, 'paused');
  const line = await send(page, 'sent while hidden');
  await expect(line).toHaveAttribute('data-status', 'queued');
  await part(page, 'hide').click();
  await expect(line).toHaveAttribute('data-status', 'acked');
  await expect(line).toHaveAttribute('data-arrivals', '1');
});

test('an offline page waits, and continues when the faults are cleared', async ({ page }) => {
  await startListening(page);
  await part(page, 'offline').click();
  await expectState(page, 'offline');
  const line = await send(page, 'sent while offline');
  await expect(line).toHaveAttribute('data-status', 'queued');
  await part(page, 'restore').click();
  await expectState(page, 'ready');
  await expect(line).toHaveAttribute('data-status', 'acked');
});

test('a cut connection is reopened and the reason is shown', async ({ page }) => {
  await startListening(page);
  await part(page, 'cut').click();
  await expect(
    part(page, 'event-log').locator('[data-kind="state"][data-reason="connection_lost"]'),
  ).toHaveCount(1);
  await expectState(page, 'ready');
});

test('an expired token is replaced', async ({ page }) => {
  await startListening(page);
  const before = (await server.stats()).opened;
  await part(page, 'expire').click();
  await expect.poll(async () => (await server.stats()).opened).toBeGreaterThan(before);
  await expectState(page, 'ready');
});

test('the page can be operated by the keyboard alone', async ({ page }) => {
  await part(page, 'listen').focus();
  await page.keyboard.press('Enter');
  await expectState(page, 'ready');
  await part(page, 'message').focus();
  await page.keyboard.type('typed');
  await page.keyboard.press('Enter');
  await expect(part(page, 'line').filter({ hasText: 'typed' })).toHaveAttribute(
    'data-status',
    'acked',
  );
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [device, viewport] of [
    ['a desktop', { width: 1280, height: 800 }],
    ['a phone', { width: 360, height: 740 }],
  ] as const) {
    test(`axe finds no violations, ${colorScheme}, on ${device}`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' });
      const page = await context.newPage();
      const violations = async (): Promise<string[]> =>
        (await new AxeBuilder({ page }).analyze()).violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
        );
      await page.goto(`${server.remoteOrigin}/?control=${server.controlPort}`);
      expect(await violations()).toEqual([]);
      await startListening(page);
      await send(page, 'hello');
      await expect(part(page, 'line').first()).toHaveAttribute('data-status', 'acked');
      expect(await violations()).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, 'no horizontal overflow').toBeLessThanOrEqual(0);
      await context.close();
    });
  }
}
