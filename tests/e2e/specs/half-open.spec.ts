/** A half-open socket: its state is open, and it delivers nothing. */
import { measured } from '../support/measurement.js';
import type { ReferenceServer } from '../support/server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';

/** Joins a channel, then makes the present connection half-open; later connections work. */
async function halfOpened(tab: Tab, server: ReferenceServer): Promise<void> {
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  expect(await server.faults({ halfOpen: true })).toEqual({ applied: 1 });
}

async function expectRecovered(tab: Tab, server: ReferenceServer, reason: string): Promise<void> {
  await expect.poll(() => tab.reasonsFor('reconnecting')).toEqual([reason]);
  await tab.until('ready');
  await tab.untilChannel('news');
  await server.publish('news', 'back');
  await expect.poll(() => tab.messages('a')).toContain('back');
}

test.describe('a half-open socket, by the heartbeat,', () => {
  const heartbeatMs = 1_000;
  const timeoutMs = 1_000;
  test.use({ serverOptions: { limits: { heartbeatMs } } });

  test('is detected within heartbeat and timeout', async ({ tab, server }) => {
    await tab.client({ url: server.url(), heartbeat: { timeoutMs } });
    await halfOpened(tab, server);
    const since = await tab.now();
    await expectRecovered(tab, server, 'heartbeat_timeout');
    const detected = (await tab.changes()).find((change) => change.reason === 'heartbeat_timeout');
    // 200 ms more, for the timers of a loaded machine.
    measured(
      'half-open, detected by the heartbeat',
      (detected?.at ?? Number.NaN) - since,
      heartbeatMs + timeoutMs + 200,
    );
    expect(await tab.errorCodes()).toContain('heartbeat_timeout');
  });

  test('an idle but working connection is kept', async ({ tab, server }) => {
    await tab.client({ url: server.url(), heartbeat: { timeoutMs: 30_000 } });
    await tab.subscribe('a', 'news');
    await tab.untilChannel('news');
    await expect
      .poll(async () => (await server.connections())[0]?.received.ping ?? 0)
      .toBeGreaterThanOrEqual(3);
    expect((await server.stats()).opened).toBe(1);
    expect((await tab.metrics()).rtt.last).not.toBeNull();
  });
});

test.describe('a half-open socket, by the probe after a wake-up,', () => {
  // The heartbeat is due after 30 s: what is detected earlier is detected by the probe.
  const wakes: [name: string, wake: (tab: Tab) => Promise<unknown>][] = [
    ['visible', (tab) => tab.show()],
    ['online', (tab) => tab.online()],
    [
      'a clock jump',
      async (tab) => {
        await tab.jumpClock(3_600_000);
        // Any step of the client reads the clock; after a real sleep its timer would be late.
        await tab.page.evaluate(() => window.kit.client.getMetrics());
      },
    ],
  ];
  for (const [name, wake] of wakes) {
    test(`is detected within 2 s of ${name}`, async ({ tab, server }) => {
      await tab.client({ url: server.url(), visibility: false });
      if (name === 'visible') {
        await tab.subscribe('b', 'news');
        await tab.hide();
      }
      await halfOpened(tab, server);
      const since = await tab.now();
      await wake(tab);
      await expectRecovered(tab, server, 'probe_timeout');
      const detected = (await tab.changes()).find((change) => change.reason === 'probe_timeout');
      measured(`half-open, detected after ${name}`, (detected?.at ?? Number.NaN) - since, 2_000);
    });
  }
});

test('a working connection is kept after a wake', async ({ tab, server }) => {
  await tab.client({ url: server.url(), probeTimeoutMs: 30_000 });
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  await tab.online();
  await expect
    .poll(async () => (await server.connections())[0]?.received.ping ?? 0)
    .toBeGreaterThanOrEqual(1);
  await expect.poll(async () => (await tab.metrics()).rtt.last).not.toBeNull();
  expect((await server.stats()).opened).toBe(1);
});
