/** From navigation to the first message, on a network and a processor like a phone's. */
import type { Page } from '@playwright/test';
import { DIALECTS } from '../support/dialects.js';
import { Line } from '../support/line.js';
import { Measurements, store } from '../support/results.js';
import { LIBRARIES, type LibraryName, ROUNDS, TITLES } from '../support/settings.js';
import { SocketServer } from '../support/socket-server.js';
import { requirePage, test } from '../support/test.js';

const LINE = { roundTripMs: 40, bitsPerSecond: 10_000_000 };
const SLOWER = 4;

/** The loads until the cache is warm: the browser caches compiled code from the second load on. */
const LOADS_UNTIL_WARM = 3;

const MEASURED: LibraryName[] = [
  'baseline',
  ...LIBRARIES.filter((library) => library !== 'tidewire-base'),
];

/** Navigates and waits for the message. */
async function load(page: Page, address: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(address, { waitUntil: 'commit' });
  const time = await page.waitForFunction(() => globalThis.firstMessageMs);
  return Number(await time.jsonValue());
}

test('first-message', async ({ browser, site }) => {
  const times = new Measurements();
  const bytes = new Map<LibraryName, number>();
  for (const library of MEASURED) await requirePage(library, ['first-message']);
  for (let round = 0; round < ROUNDS; round++) {
    for (const library of MEASURED) {
      const server = await SocketServer.start(DIALECTS[library]());
      const line = new Line(LINE);
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        const devtools = await context.newCDPSession(page);
        await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
        const origin = `http://127.0.0.1:${await line.to(site.port)}`;
        const socketOrigin = `ws://127.0.0.1:${await line.to(server.port)}`;
        const address = `${origin}/page/${library}?first-message#${socketOrigin}`;
        const loads = [await load(page, address)];
        bytes.set(library, line.bytes);
        while (loads.length < LOADS_UNTIL_WARM) loads.push(await load(page, address));
        times.add(TITLES[library], 'cold', loads[0] ?? Number.NaN);
        times.add(TITLES[library], 'warm', loads.at(-1) ?? Number.NaN);
      } finally {
        await context.close();
        line.close();
        server.stop();
      }
    }
  }
  const carried = MEASURED.map(
    (library) => `${TITLES[library]} ${((bytes.get(library) ?? 0) / 1_000).toFixed(0)} KB`,
  );
  await store({
    name: 'first-message',
    title: 'First message after navigation',
    unit: 'ms',
    order: 30,
    plot: ['cold', 'warm'],
    rounds: ROUNDS,
    notes: [
      `A line of ${LINE.roundTripMs} ms and ${LINE.bitsPerSecond / 1_000_000} Mbit/s, a processor ${SLOWER} times slower. Carried to a cold page: ${carried.join(', ')}.`,
    ],
    cells: times.cells(),
  });
});
