/** A message to a server on this machine and back, as a ratio to the baseline. */
import { DIALECTS } from '../support/dialects.js';
import { Measurements, store } from '../support/results.js';
import { IS_QUICK, LIBRARIES, ROUNDS, TITLES } from '../support/settings.js';
import { SocketServer } from '../support/socket-server.js';
import { test } from '../support/test.js';

const MESSAGES = IS_QUICK ? 50 : 300;

test('round-trip', async ({ withPage }) => {
  const ratios = new Measurements();
  for (let round = 0; round < ROUNDS; round++) {
    for (const library of LIBRARIES) {
      const server = await SocketServer.start(DIALECTS[library]());
      const baselineServer = await SocketServer.start(DIALECTS.baseline());
      try {
        const { baselineMs, libraryMs } = await withPage(library, ['live'], (page) =>
          page.evaluate(
            async ([origin, baselineOrigin, count]) => {
              await live.connect(origin, baselineOrigin);
              return live.roundTrips(count);
            },
            [server.origin, baselineServer.origin, MESSAGES] as const,
          ),
        );
        ratios.add(TITLES[library], 'round trip', libraryMs / baselineMs);
        ratios.add(TITLES.baseline, 'milliseconds', baselineMs);
      } finally {
        server.stop();
        baselineServer.stop();
      }
    }
  }
  const cells = ratios.cells().filter(({ column }) => column === 'round trip');
  await store({
    name: 'round-trip',
    title: 'Round trip on this machine',
    unit: 'ratio',
    order: 60,
    plot: [],
    rounds: ROUNDS,
    notes: [
      `The median of ${MESSAGES} messages, one after the other. The baseline: ${ratios.median(TITLES.baseline, 'milliseconds').toFixed(2)} ms.`,
    ],
    cells,
  });
});
