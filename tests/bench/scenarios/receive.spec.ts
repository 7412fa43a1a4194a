/** The processor time of a received message: from the socket's event to the callback, as a ratio to the baseline. */
import type { SideName } from '../page/main.js';
import { bracket } from '../support/bracket.js';
import { baselineTimes } from '../support/notes.js';
import { ProcessorTime } from '../support/processor-time.js';
import { Measurements, store } from '../support/results.js';
import { IS_QUICK, LIBRARIES, ROUNDS, TITLES } from '../support/settings.js';
import { test } from '../support/test.js';

const SIZES = [
  { label: '200 B', bytes: 200, count: IS_QUICK ? 1_000 : 4_000 },
  { label: '4 KB', bytes: 4_096, count: IS_QUICK ? 200 : 600 },
];
const CHANNELS = [1, 50, 1_000];

/** Measurements that are discarded, until the code is compiled. */
const WARM_UP = IS_QUICK ? 1 : 2;

const columnOf = (size: string, channels: number): string =>
  `${size}, ${channels.toLocaleString('en')} ch`;

test('receive', async ({ withPage }) => {
  const ratios = new Measurements();
  const baseline = new Measurements();
  for (let round = 0; round < ROUNDS; round++) {
    for (const channels of CHANNELS) {
      for (const library of LIBRARIES) {
        await withPage(library, ['install-fake-socket', 'main'], async (page) => {
          await page.evaluate((count) => bench.connect(count), channels);
          const make = (side: SideName, count: number, bytes: number) =>
            page.evaluate(([side, count, bytes]) => bench.makeMessages(side, count, bytes), [
              side,
              count,
              bytes,
            ] as const);
          const deliver = (side: SideName) => page.evaluate((side) => bench.deliver(side), side);
          const time = await ProcessorTime.of(page, () => deliver('baseline'));
          for (const { label, bytes, count } of SIZES) {
            const measure = () =>
              bracket(async (side) => {
                await make(side, count, bytes);
                return time.measure(() => deliver(side));
              });
            for (let left = WARM_UP; left > 0; left--) await measure();
            const { baselineMs, libraryMs } = await measure();
            const column = columnOf(label, channels);
            ratios.add(TITLES[library], column, libraryMs / baselineMs);
            baseline.add(TITLES.baseline, column, (baselineMs * 1_000) / (2 * count));
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
    notes: [baselineTimes(baseline)],
    cells: ratios.cells(),
  });
});
