/** What a received message costs: from the socket's event to the callback, as a ratio to the floor. */

import { floorTimes } from '../support/notes.js';
import { Measurements, store } from '../support/results.js';
import { IS_QUICK, LIBRARIES, ROUNDS, TITLES } from '../support/settings.js';
import { test } from '../support/test.js';

const SIZES = [
  { label: '200 B', bytes: 200, count: IS_QUICK ? 1_000 : 4_000 },
  { label: '4 KB', bytes: 4_096, count: IS_QUICK ? 200 : 600 },
];
const CHANNELS = [1, 50, 1_000];

/** Brackets that are measured and thrown away, until the code is compiled. */
const WARM_UP = IS_QUICK ? 1 : 3;

const columnOf = (size: string, channels: number): string =>
  `${size}, ${channels.toLocaleString('en')} ch`;

test('receive', async ({ withPage }) => {
  const ratios = new Measurements();
  const floor = new Measurements();
  for (let round = 0; round < ROUNDS; round++) {
    for (const channels of CHANNELS) {
      for (const library of LIBRARIES) {
        await withPage(library, ['install-fake-socket', 'main'], async (page) => {
          await page.evaluate((count) => bench.connect(count), channels);
          for (const { label, bytes, count } of SIZES) {
            const column = columnOf(label, channels);
            const { floorMs, libraryMs } = await page.evaluate(
              async ([count, bytes, warmUp]) => {
                for (let left = warmUp; left > 0; left--) await bench.receive(count, bytes);
                return bench.receive(count, bytes);
              },
              [count, bytes, WARM_UP] as const,
            );
            ratios.add(TITLES[library], column, libraryMs / floorMs);
            floor.add(TITLES.floor, column, (floorMs * 1_000) / (2 * count));
          }
        });
      }
    }
  }
  await store({
    name: 'receive',
    title: 'CPU per received message',
    unit: 'ratio',
    order: 10,
    plot: CHANNELS.map((channels) => columnOf('200 B', channels)),
    rounds: ROUNDS,
    notes: [floorTimes(floor)],
    cells: ratios.cells(),
  });
});
