import { Heap } from '../support/heap.js';
import type { LibraryName } from '../support/settings.js';
import { test } from '../support/test.js';
import { expectWithin } from './limits.js';

const MESSAGES = 5_000;
const BYTES = 200;
const CHANNELS = 50;

const LIBRARIES: LibraryName[] = ['tidewire', 'tidewire-base', 'tidewire-phoenix'];

for (const library of LIBRARIES) {
  test(`${library}: a received message allocates no more of the JavaScript heap than its limit`, async ({
    withPage,
  }) => {
    const scripts = ['watch-wasm', 'install-fake-socket', 'main'];
    await withPage(library, scripts, async (page) => {
      const heap = await Heap.of(page);
      await page.evaluate((channels) => bench.connect(channels), CHANNELS);
      const allocated = async (side: 'baseline' | 'library') => {
        await page.evaluate(([side, count, bytes]) => bench.makeMessages(side, count, bytes), [
          side,
          MESSAGES,
          BYTES,
        ] as const);
        const { heapBytes } = await heap.measure();
        await page.evaluate((side) => bench.deliver(side), side);
        return ((await heap.used()) - heapBytes) / MESSAGES;
      };
      // The second time: compiled code allocates less than interpreted.
      await allocated('library');
      const bytes = await allocated('library');
      await allocated('baseline');
      expectWithin(
        'allocations',
        `${library}, received message`,
        bytes - (await allocated('baseline')),
      );
    });
  });
}
