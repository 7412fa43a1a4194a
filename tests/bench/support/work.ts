/** The processor time of a page's changes, in whatever task they are processed. */
import type { Page } from '@playwright/test';
import { ProcessorTime } from './processor-time.js';

/** The time between two parts: longer than the batches in which views are updated. */
const PART_MS = 120;

/** How changes are delivered: so many parts of so many. */
export interface Delivery {
  parts: number;
  changes: number;
}

/** Delivers parts of the page's source, one each {@link PART_MS}. */
async function deliver(page: Page, { parts, changes }: Delivery): Promise<void> {
  await page.evaluate(
    async ([parts, changes, partMs]) => {
      for (let part = 0; part < parts; part++) {
        source.deliver(changes);
        await new Promise((resolve) => setTimeout(resolve, partMs));
      }
    },
    [parts, changes, PART_MS] as const,
  );
}

/** Returns the microseconds of the page's tasks per change, without those of an idle page. */
export async function microsecondsPerChange(page: Page, delivery: Delivery): Promise<number> {
  const count = delivery.parts * delivery.changes;
  const make = () =>
    page.evaluate((count) => {
      source.make(count);
      globalThis.gc?.();
    }, count);
  const updates = () => page.evaluate(() => source.updates());
  await make();
  await deliver(page, delivery);
  const time = await ProcessorTime.of(page, async () => {});
  await make();
  const before = await updates();
  const busyMs = await time.measure(() => deliver(page, delivery));
  const seen = (await updates()) - before;
  if (seen < delivery.parts) throw Error(`The view of ${page.url()} was updated ${seen} times.`);
  const idleMs = await time.measure(() => deliver(page, { ...delivery, changes: 0 }));
  return ((busyMs - idleMs) * 1_000) / count;
}
