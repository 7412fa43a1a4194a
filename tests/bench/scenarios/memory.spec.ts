/** The memory of a channel, and the growth of memory after 10,000 subscriptions. */
import { CHANNEL_SCRIPTS, channelMemory } from '../support/channel-memory.js';
import { Measurements, store } from '../support/results.js';
import { IS_QUICK, LIBRARIES, type LibraryName, ROUNDS, TITLES } from '../support/settings.js';
import { test } from '../support/test.js';

const CYCLES = IS_QUICK ? 1_000 : 10_000;

/** Fewer rounds than for times, since bytes hardly vary. */
const BYTE_ROUNDS = Math.min(ROUNDS, 3);

test('memory', async ({ withPage }) => {
  const bytes = new Measurements();
  const libraries: LibraryName[] = ['baseline', ...LIBRARIES];
  for (let round = 0; round < BYTE_ROUNDS; round++) {
    for (const library of libraries) {
      const { perChannel, growth } = await withPage(library, CHANNEL_SCRIPTS, (page) =>
        channelMemory(page, CYCLES),
      );
      const title = TITLES[library];
      bytes.add(title, 'JS heap per channel', perChannel.heapBytes);
      bytes.add(title, 'wasm memory per channel', perChannel.wasmBytes);
      bytes.add(title, `JS heap after ${CYCLES.toLocaleString('en')} cycles`, growth.heapBytes);
      bytes.add(title, `wasm memory after ${CYCLES.toLocaleString('en')} cycles`, growth.wasmBytes);
    }
  }
  await store({
    name: 'memory',
    title: 'Memory',
    unit: 'bytes',
    order: 40,
    plot: ['JS heap per channel', 'wasm memory per channel'],
    rounds: BYTE_ROUNDS,
    notes: [
      'Per channel: 1,000 channels at once, without the callback. After cycles: the growth of memory in use, beyond that after the first 500.',
      'wasm memory grows by pages of 64 KB.',
    ],
    cells: bytes.cells(),
  });
});
