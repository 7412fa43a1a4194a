/**
 * Hostile values through every entry of the packed engine, from the app and from servers of every protocol: none
 * traps the engine, and every client stays ready.
 */
import type { Findings } from '../site/hostile/page.js';
import { takeSeed } from '../support/seed.js';
import { expect, test } from '../support/test.js';

/** Hostile values of one run. */
const VALUES = 20_000;
/** The largest growth of the heaps during a run, in bytes. */
const GROWTH = 32 << 20;

const SEEDS: [name: string, seed: () => number][] = [
  ['a fixed seed', () => 1],
  ['a fresh seed', takeSeed],
];

for (const [name, seed] of SEEDS) {
  test(`${VALUES / SEEDS.length} hostile values leave every client ready, with ${name}`, async ({
    browser,
    site,
  }) => {
    test.setTimeout(240_000);
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${site.origin}/hostile.html`);
    const session = await page.context().newCDPSession(page);
    const heap = async (): Promise<number> => {
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize;
    };
    const run = (of: number, values: number): Promise<Findings> =>
      page.evaluate(([one, many]) => window.hostile.run(one, many), [of, values] as const);
    const chosen = seed();
    // Objects that are made once do not count as growth.
    await run(chosen + 1, 1_000);
    const before = await heap();
    const findings = await run(chosen, VALUES / SEEDS.length);
    const growth = (await heap()) - before;
    expect(findings.faults).toEqual([]);
    expect(findings.replacements).toBe(0);
    expect(findings.codes.engine_failed).toBeUndefined();
    expect(findings.values).toBeGreaterThanOrEqual(VALUES / SEEDS.length);
    expect(growth).toBeLessThan(GROWTH);
    expect(findings.wasmBytes[1] - findings.wasmBytes[0]).toBeLessThan(GROWTH);
    await page.context().close();
  });
}
