/** The processor time of a send: from the call until the frame is passed to the socket, as a ratio to the baseline. */
import type { SideName } from '../page/main.js';
import type { Confirmation } from '../page/side.js';
import { bracket } from '../support/bracket.js';
import { baselineTimes } from '../support/notes.js';
import { ProcessorTime } from '../support/processor-time.js';
import { Measurements, store } from '../support/results.js';
import { IS_QUICK, LIBRARIES, ROUNDS, TITLES } from '../support/settings.js';
import { test } from '../support/test.js';

/** Messages that are sent before the server answers: as many as tidewire's queue has room for by default. */
const MOST_AT_ONCE = 1_000;

const SIZES = [
  { label: '200 B', bytes: 200, atOnce: MOST_AT_ONCE, times: IS_QUICK ? 1 : 2 },
  { label: '4 KB', bytes: 4_096, atOnce: MOST_AT_ONCE / 2, times: 1 },
];

const CONFIRMATIONS: { label: string; confirmation: Confirmation }[] = [
  { label: 'without ack', confirmation: 'unconfirmed' },
  { label: 'with ack', confirmation: 'confirmed' },
];

/** Measurements that are discarded, until the code is compiled. */
const WARM_UP = 1;

const columnOf = (size: string, label: string): string => `${size}, ${label}`;

test('send', async ({ withPage }) => {
  const ratios = new Measurements();
  const baseline = new Measurements();
  for (let round = 0; round < ROUNDS; round++) {
    for (const library of LIBRARIES) {
      await withPage(library, ['install-fake-socket', 'main'], async (page) => {
        await page.evaluate(() => bench.connect(1));
        const confirms = await page.evaluate(() => bench.confirms());
        for (const { label, confirmation } of CONFIRMATIONS) {
          await page.evaluate(() => bench.makePayloads('baseline', 0, 0));
          if (confirmation === 'confirmed' && !confirms) continue;
          const send = (side: SideName) =>
            page.evaluate(([side, confirmation]) => bench.send(side, confirmation), [
              side,
              confirmation,
            ] as const);
          // Without payloads it sends nothing.
          const time = await ProcessorTime.of(page, () => send('baseline'));
          for (const { label: size, bytes, atOnce, times } of SIZES) {
            const sendOnce = async (side: SideName) => {
              await page.evaluate(
                ([side, count, bytes]) => bench.makePayloads(side, count, bytes),
                [side, atOnce, bytes] as const,
              );
              const tookMs = await time.measure(() => send(side));
              await page.evaluate((side) => bench.answer(side), side);
              return tookMs;
            };
            const measure = () =>
              bracket(async (side) => {
                let tookMs = 0;
                for (let left = times; left > 0; left--) tookMs += await sendOnce(side);
                return tookMs;
              });
            for (let left = WARM_UP; left > 0; left--) await measure();
            const { baselineMs, libraryMs } = await measure();
            const column = columnOf(size, label);
            ratios.add(TITLES[library], column, libraryMs / baselineMs);
            baseline.add(TITLES.baseline, column, (baselineMs * 1_000) / (2 * times * atOnce));
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
      baselineTimes(baseline),
      'tidewire keeps a message until it is acknowledged; on a base server nothing can be acknowledged.',
    ],
    cells: ratios.cells(),
  });
});
