/** The tests' fixtures: a server of their own, a static site, pages with the client. */
import { type BrowserContext, test as base } from '@playwright/test';
import { ReferenceServer, type ServerOptions } from './server.js';
import { type Site, serveSite } from './site.js';
import { Tab } from './tab.js';

interface Fixtures {
  /** How the test's server is started. */
  serverOptions: ServerOptions;
  /** A server of the test's own. */
  server: ReferenceServer;
  /** Whether an uncaught error in a page fails the test. */
  uncaught: 'fail' | 'expected';
  /** Opens a page: in a browser context of its own, or beside another. */
  newTab: (beside?: Tab) => Promise<Tab>;
  /** A page with the harness open. */
  tab: Tab;
}

interface WorkerFixtures {
  site: Site;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  serverOptions: [{}, { option: true }],
  uncaught: ['fail', { option: true }],

  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from the pattern
    async ({}, use) => {
      const site = await serveSite();
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],

  server: async ({ serverOptions }, use) => {
    const server = await ReferenceServer.start(serverOptions);
    await use(server);
    await server.stop();
  },

  newTab: async ({ browser, site, uncaught }, use) => {
    const contexts = new Set<BrowserContext>();
    const thrown: Error[] = [];
    await use(async (beside) => {
      const context = beside?.page.context() ?? (await browser.newContext());
      contexts.add(context);
      const tab = new Tab(await context.newPage());
      tab.page.on('pageerror', (error) => thrown.push(error));
      await tab.open(site.origin);
      return tab;
    });
    for (const context of contexts) await context.close();
    if (uncaught === 'fail' && thrown.length) {
      throw AggregateError(thrown, `uncaught in a page: ${thrown.join(', ')}`);
    }
  },

  tab: async ({ newTab }, use) => {
    await use(await newTab());
  },
});

export { expect } from '@playwright/test';
