/** The bytes that a page loads of each library. */
import { type Bundle, bundle } from '../support/bundles.js';
import { ENTRIES, OTHER_LIBRARIES } from '../support/entries.js';
import { Measurements, store } from '../support/results.js';
import { test } from '../support/test.js';

test('bytes', async () => {
  const bytes = new Measurements();
  const add = (row: string, { atOnce, inAll }: Bundle) => {
    bytes.add(row, 'at once, gzip', atOnce.gzip);
    bytes.add(row, 'in all, minified', inAll.minified);
    bytes.add(row, 'in all, gzip', inAll.gzip);
    bytes.add(row, 'in all, brotli', inAll.brotli);
  };
  for (const [name, source] of Object.entries({ ...ENTRIES, ...OTHER_LIBRARIES })) {
    add(name, await bundle(source));
  }
  await store({
    name: 'bytes',
    title: 'Bytes',
    unit: 'bytes',
    order: 35,
    plot: ['in all, gzip'],
    rounds: 1,
    notes: [
      'Bundled by esbuild, minified, split. At once: with the page. In all: with the engine and what else the first use loads. React is the app’s own.',
    ],
    cells: bytes.cells(),
  });
});
