/** The processor time that a page's work takes, whatever task it is done in. */
import type { CDPSession, Page } from '@playwright/test';

/** The time between two parts: longer than the batches in which views are updated. */
const PART_MS = 120;

async function taskSeconds(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

/** How changes are delivered: so many parts of so many. */
export interface Delivery {
  parts: number;
  changes: number;
}

/** Delivers parts of the page's source, one each {@link PART_MS}; returns the seconds that all tasks took. */
async function deliver(page: Page, devtools: CDPSession, given: Delivery): Promise<number> {
  await page.evaluate(({ parts, changes }) => source.make(parts * changes), given);
  await page.evaluate(() => globalThis.gc?.());
  const before = await taskSeconds(devtools);
  await page.evaluate(
    async ([parts, changes, partMs]) => {
      for (let part = 0; part < parts; part++) {
        source.deliver(changes);
        await new Promise((resolve) => setTimeout(resolve, partMs));
      }
    },
    [given.parts, given.changes, PART_MS] as const,
  );
  return (await taskSeconds(devtools)) - before;
}

/** Microseconds of the page's tasks for one change, without what the page takes where nothing changes. */
export async function microsecondsPerChange(page: Page, delivery: Delivery): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await deliver(page, devtools, delivery);
  const updatesBefore = await page.evaluate(() => source.updates());
  const busy = await deliver(page, devtools, delivery);
  const updates = (await page.evaluate(() => source.updates())) - updatesBefore;
  if (updates < delivery.parts)
    throw Error(`The view of ${page.url()} was updated ${updates} times only.`);
  const idle = await deliver(page, devtools, { ...delivery, changes: 0 });
  return ((busy - idle) * 1e6) / (delivery.parts * delivery.changes);
}
