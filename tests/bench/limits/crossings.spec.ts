import type { Page } from '@playwright/test';
import type { LibraryName } from '../support/settings.js';
import { test } from '../support/test.js';
import { expectWithin } from './limits.js';

const SCRIPTS = ['watch-wasm', 'install-fake-socket', 'main'];
const MESSAGES = 1_000;
const SENDS = 500;
const BYTES = 200;
const CHANNELS = 50;

const LIBRARIES: LibraryName[] = ['tidewire', 'tidewire-base', 'tidewire-phoenix'];

/** Returns the number of calls between JavaScript and wasm per message, in both directions. */
async function crossings(page: Page, messages: number, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => wasm.reset());
  await work();
  const calls = await page.evaluate(() => {
    const sum = (counts: Record<string, number>) =>
      Object.values(counts).reduce((total, count) => total + count, 0);
    return sum(wasm.imports) + sum(wasm.exports);
  });
  // Rounded down: calls of a timer that runs meanwhile do not count.
  return Math.floor(calls / messages);
}

for (const library of LIBRARIES) {
  test(`${library}: a received message crosses to wasm and back no more often than its limit`, async ({
    withPage,
  }) => {
    await withPage(library, SCRIPTS, async (page) => {
      await page.evaluate((channels) => bench.connect(channels), CHANNELS);
      await page.evaluate(([count, bytes]) => bench.makeMessages('library', count, bytes), [
        MESSAGES,
        BYTES,
      ] as const);
      const calls = await crossings(page, MESSAGES, () =>
        page.evaluate(() => bench.deliver('library')),
      );
      expectWithin('crossings', `${library}, received message`, calls);
    });
  });

  for (const confirmation of ['unconfirmed', 'confirmed'] as const) {
    test(`${library}: a send (${confirmation}) and its answer cross to wasm and back no more often than its limit`, async ({
      withPage,
    }) => {
      await withPage(library, SCRIPTS, async (page) => {
        await page.evaluate(() => bench.connect(1));
        await page.evaluate(([count, bytes]) => bench.makePayloads('library', count, bytes), [
          SENDS,
          BYTES,
        ] as const);
        const calls = await crossings(page, SENDS, () =>
          page.evaluate(async (confirmation) => {
            await bench.send('library', confirmation);
            await bench.answer('library');
          }, confirmation),
        );
        expectWithin('crossings', `${library}, ${confirmation} send and its answer`, calls);
      });
    });
  }
}
