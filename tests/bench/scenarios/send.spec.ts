/** What a send costs: from the call until the frame is handed to the socket, as a ratio to the floor. */
import type { Confirmation } from '../page/main.js';
import { floorTimes } from '../support/notes.js';
import { Measurements, store } from '../support/results.js';
import { IS_QUICK, LIBRARIES, ROUNDS, TITLES } from '../support/settings.js';
import { test } from '../support/test.js';

const SIZES = [
  { label: '200 B', bytes: 200, count: IS_QUICK ? 500 : 2_000 },
  { label: '4 KB', bytes: 4_096, count: IS_QUICK ? 200 : 500 },
];

const CONFIRMATIONS: { label: string; confirmation: Confirmation }[] = [
  { label: 'without ack', confirmation: 'unconfirmed' },
  { label: 'with ack', confirmation: 'confirmed' },
];

const WARM_UP = IS_QUICK ? 1 : 3;

const columnOf = (size: string, label: string): string => `${size}, ${label}`;

test('send', async ({ withPage }) => {
  const ratios = new Measurements();
  const floor = new Measurements();
  for (let round = 0; round < ROUNDS; round++) {
    for (const library of LIBRARIES) {
      await withPage(library, ['install-fake-socket', 'main'], async (page) => {
        await page.evaluate(() => bench.connect(1));
        const confirms = await page.evaluate(() => bench.confirms());
        for (const { label, confirmation } of CONFIRMATIONS) {
          if (confirmation === 'confirmed' && !confirms) continue;
          for (const { label: size, bytes, count } of SIZES) {
            const column = columnOf(size, label);
            const { floorMs, libraryMs } = await page.evaluate(
              async ([count, bytes, confirmation, warmUp]) => {
                for (let left = warmUp; left > 0; left--) {
                  await bench.send(count, bytes, confirmation);
                }
                return bench.send(count, bytes, confirmation);
              },
              [count, bytes, confirmation, WARM_UP] as const,
            );
            ratios.add(TITLES[library], column, libraryMs / floorMs);
            floor.add(TITLES.floor, column, (floorMs * 1_000) / (2 * count));
          }
        }
      });
    }
  }
  await store({
    name: 'send',
    title: 'CPU per send',
    unit: 'ratio',
    order: 20,
    plot: CONFIRMATIONS.map(({ label }) => columnOf('200 B', label)),
    rounds: ROUNDS,
    notes: [
      floorTimes(floor),
      'tidewire keeps a message until it is acknowledged; on a base server nothing can be acknowledged.',
    ],
    cells: ratios.cells(),
  });
});
