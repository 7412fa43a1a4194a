/** Access to a page with all services. */
import type { Browser, Page } from '@playwright/test';
import type { ServicesPage } from '../site/services.js';
import type { ReferenceServer } from './server.js';
import type { Site } from './site.js';
import { signToken } from './tokens.js';

export class ServicesTab {
  readonly page: Page;
  /** Uncaught errors. */
  readonly thrown: Error[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.thrown.push(error));
  }

  /** Opens the app for a user, in a browser context of its own. */
  static async open(
    browser: Browser,
    site: Site,
    server: ReferenceServer,
    me: string,
    options: Record<string, string> = {},
  ): Promise<ServicesTab> {
    const tab = new ServicesTab(await (await browser.newContext()).newPage());
    const query = { origin: server.remoteOrigin, token: signToken({ sub: me }), me, ...options };
    await tab.page.goto(`${site.origin}/services.html?${new URLSearchParams(query)}`);
    return tab;
  }

  /** Runs a function in the page, with the app's object. */
  evaluate<T, A = undefined>(work: (page: ServicesPage, about: A) => T, about?: A) {
    return this.page.evaluate(
      ([text, value]) =>
        new Function('page', 'about', `return (${text})(page, about)`)(
          window.services,
          value,
        ) as Awaited<T>,
      [work.toString(), about] as const,
    );
  }

  /** Delays requests that store something until the returned function is called. */
  async delayWrites(): Promise<() => void> {
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await this.page.route('**/api/**', async (route) => {
      if (route.request().method() !== 'GET') await released;
      await route.continue();
    });
    return release;
  }
}
