/** How long a page with 50 channels is without messages: after its connection was cut, and after the server was away. */
import { setTimeout } from 'node:timers/promises';
import { Random } from '../../e2e/support/random.js';
import { DIALECTS } from '../support/dialects.js';
import { Measurements, store } from '../support/results.js';
import { IS_QUICK, LIBRARIES, type LibraryName, ROUNDS, TITLES } from '../support/settings.js';
import { SocketServer } from '../support/socket-server.js';
import { test } from '../support/test.js';

const CHANNELS = 50;
const SHORTEST_MS = 1_500;
const LONGEST_MS = 7_000;
/** How long a connection is up before the next interruption: until every client has reset its backoff. */
const UP_MS = 6_000;
/** The same outages in every run. */
const SEED = 50;

/** Not a base server, where pages do not join channels, so that the server has no members to send to. */
const MEASURED: LibraryName[] = [
  'baseline',
  ...LIBRARIES.filter((library) => library !== 'tidewire-base'),
];

test('reconnect', async ({ withPage }) => {
  const times = new Measurements();
  const random = new Random(SEED);
  const rounds = IS_QUICK ? 1 : ROUNDS;
  const outages = Array.from(
    { length: rounds },
    () => SHORTEST_MS + random.below(LONGEST_MS - SHORTEST_MS + 1),
  );
  // At the same time, since nearly all of the time is spent waiting.
  const measured = MEASURED.map(async (library) => {
    const server = await SocketServer.start(DIALECTS[library]());
    await withPage(library, ['live'], async (page) => {
      let interruption = 0;
      /** Interrupts; returns the milliseconds from the time that `interrupt` returns to the messages. */
      const after = async (count: number, interrupt: () => number | Promise<number>) => {
        interruption++;
        const returned = page.evaluate(
          ([count, interruption]) => live.returned(count, interruption),
          [count, interruption] as const,
        );
        const from = await interrupt();
        const tookMs = (await returned) - from;
        await setTimeout(IS_QUICK ? 0 : UP_MS);
        return tookMs;
      };
      await page.evaluate(
        async ([origin, count]) => {
          await live.connect(origin);
          await live.subscribe(count);
        },
        [server.origin, CHANNELS] as const,
      );
      for (const awayMs of outages) {
        const drop = await after(CHANNELS, () => server.drop());
        times.add(TITLES[library], 'cut: all 50 channels', drop);
        const outage = await after(1, () => server.restart(awayMs));
        times.add(TITLES[library], 'server away 1.5 to 7 s: first message', outage);
      }
    });
    server.stop();
  });
  await Promise.all(measured);
  await store({
    name: 'reconnect',
    title: 'After an interruption',
    unit: 'ms',
    order: 50,
    plot: [],
    rounds,
    notes: [
      'From the cut, and from the moment at which the server accepts connections again. The baseline connects again without any delay, which no server would want of many pages.',
    ],
    cells: MEASURED.flatMap((library) =>
      times.cells().filter(({ row }) => row === TITLES[library]),
    ),
  });
});
