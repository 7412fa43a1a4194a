/** The fixtures of the scenarios: pages of libraries. */
import { test as base, type Page } from '@playwright/test';
import type { Live } from '../page/live.js';
import type { Bench } from '../page/main.js';
import { buildPage } from './pages.js';
import type { LibraryName } from './settings.js';
import { type Site, serveSite } from './site.js';

/** The globals of the pages' scripts. */
declare global {
  var bench: Bench;
  var live: Live;
}

interface Fixtures {
  /** Opens the page of a library that loads these scripts, does something with it and closes it. */
  withPage: <T>(
    library: LibraryName,
    scripts: readonly string[],
    work: (page: Page) => Promise<T>,
  ) => Promise<T>;
}

interface WorkerFixtures {
  site: Site;
}

/** Pages that are built, by library and scripts. */
const built = new Set<string>();

/** Builds a page once. */
export async function requirePage(library: LibraryName, scripts: readonly string[]): Promise<void> {
  const name = [library, ...scripts].join(' ');
  if (built.has(name)) return;
  await buildPage(library, [...scripts]);
  built.add(name);
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from the pattern
    async ({}, use) => {
      const site = await serveSite();
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],

  withPage: async ({ browser, site }, use) => {
    await use(async (library, scripts, work) => {
      await requirePage(library, scripts);
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        const failed = new Promise<never>((_, reject) => page.on('pageerror', reject));
        await page.goto(`${site.origin}/page/${library}?${scripts.join('&')}`);
        return await Promise.race([work(page), failed]);
      } finally {
        await context.close();
      }
    });
  },
});

export { expect } from '@playwright/test';
