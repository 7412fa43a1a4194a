import { test } from '../support/test.js';
import type { LibraryName } from '../support/settings.js';
for (const library of (process.env.LIBS ?? '').split(',') as LibraryName[])
test(`debug ${library}`, async ({ withPage }) => {
  test.setTimeout(20_000);
  await withPage(library, ['install-fake-socket', 'main'], async (page) => {
    page.on('console', (m) => console.log(library, m.text()));
    for (const channels of [3]) {
      await page.evaluate((count) => bench.connect(count), channels);
      console.log(library, 'connected');
      for (let i = 0; i < 3; i++) {
        const r = await page.evaluate(() => bench.receive(1000, 200));
        console.log(library, JSON.stringify(r), r.libraryMs / r.floorMs);
      }
      for (const c of ['unconfirmed', 'confirmed'] as const) {
        const r = await page.evaluate((c) => bench.send(1000, 200, c), c);
        console.log(library, c, JSON.stringify(r), r.libraryMs / r.floorMs);
      }
    }
  });
});
