/** The processor time of views: a change of a collection, a change of presence, a row in React. */
import type { Page } from '@playwright/test';
import type { Collection } from '../page/collection.js';
import type { Presence } from '../page/presence.js';
import type { ReactPage } from '../page/react.js';
import { Measurements, store } from '../support/results.js';
import { IS_QUICK, type LibraryName, ROUNDS, TITLES } from '../support/settings.js';
import { test } from '../support/test.js';
import { type Delivery, microsecondsPerChange } from '../support/work.js';

declare global {
  var collection: Collection;
  var presence: Presence;
  var react: ReactPage;
}

const PARTS = IS_QUICK ? 3 : 10;

/** A view, of a library and of code without a library. */
interface View {
  column: string;
  libraries: LibraryName[];
  script: string;
  delivery: Delivery;
  byLibrary: (page: Page) => Promise<unknown>;
  byHand: (page: Page) => Promise<unknown>;
}

const VIEWS: View[] = [
  {
    column: 'change of a collection of 1,000 rows',
    libraries: ['tidewire'],
    script: 'collection',
    delivery: { parts: PARTS, changes: 200 },
    byLibrary: (page) => page.evaluate(() => collection.byTidewire()),
    byHand: (page) => page.evaluate(() => collection.byHand()),
  },
  {
    column: 'presence diff among 1,000 members',
    libraries: ['tidewire', 'tidewire-phoenix', 'phoenix', 'realtime-js'],
    script: 'presence',
    delivery: { parts: PARTS, changes: 50 },
    byLibrary: (page) => page.evaluate(() => presence.byLibrary()),
    byHand: (page) => page.evaluate(() => presence.byHand()),
  },
  {
    column: 'changed row of 1,000 in React',
    libraries: ['tidewire'],
    script: 'react',
    delivery: { parts: PARTS, changes: 50 },
    byLibrary: (page) => page.evaluate(() => react.byTidewire()),
    byHand: (page) => page.evaluate(() => react.byHand()),
  },
];

test('views', async ({ withPage }) => {
  const ratios = new Measurements();
  const baseline = new Measurements();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { column, libraries, script, delivery, byLibrary, byHand } of VIEWS) {
      for (const library of libraries) {
        const measure = (open: (page: Page) => Promise<unknown>) =>
          withPage(library, ['install-fake-socket', script], async (page) => {
            await open(page);
            return microsecondsPerChange(page, delivery);
          });
        const byHandFirst = await measure(byHand);
        const measured = (await measure(byLibrary)) + (await measure(byLibrary));
        const handUs = byHandFirst + (await measure(byHand));
        ratios.add(TITLES[library], column, measured / handUs);
        baseline.add(TITLES.baseline, column, handUs / 2);
      }
    }
  }
  const times = baseline.cells().map(({ column, median }) => `${median.toFixed(0)} µs (${column})`);
  await store({
    name: 'views',
    title: 'CPU per change of a view',
    unit: 'ratio',
    order: 25,
    plot: [],
    rounds: ROUNDS,
    notes: [
      `All tasks of the page, as a ratio to the same by hand, without any guarantee: ${times.join(', ')}. Changes come in bursts, as a batch of the view: 200 of a collection, 50 otherwise.`,
    ],
    cells: ratios.cells(),
  });
});
