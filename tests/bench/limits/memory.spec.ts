import { CHANNEL_SCRIPTS, channelMemory } from '../support/channel-memory.js';
import type { LibraryName } from '../support/settings.js';
import { expect, test } from '../support/test.js';
import { expectWithin } from './limits.js';

const CYCLES = 10_000;

/** The variation of the heap's size between runs. */
const NOISE_BYTES = 20_000;

const LIBRARIES: LibraryName[] = ['tidewire', 'tidewire-base', 'tidewire-phoenix'];

for (const library of LIBRARIES) {
  test(`${library}: a channel takes no more memory than its limit, and 10,000 subscriptions leave none behind`, async ({
    withPage,
  }) => {
    const { perChannel, growth } = await withPage(library, CHANNEL_SCRIPTS, (page) =>
      channelMemory(page, CYCLES),
    );
    expectWithin('memory', `${library}, JS heap per channel`, perChannel.heapBytes);
    expectWithin('memory', `${library}, wasm memory per channel`, perChannel.wasmBytes);
    expect(growth.wasmBytes, 'wasm pages').toBe(0);
    expect(growth.heapBytes, 'JS heap').toBeLessThanOrEqual(NOISE_BYTES);
  });
}
