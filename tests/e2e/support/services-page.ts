/** A page with all services, as the tests talk to it. */
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

  /** Somebody with the app open, in a browser context of their own. */
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

  /** Asks the page. */
  evaluate<T, A = undefined>(question: (page: ServicesPage, about: A) => T, about?: A) {
    return this.page.evaluate(
      ([text, value]) =>
        new Function('page', 'about', `return (${text})(page, about)`)(
          window.services,
          value,
        ) as Awaited<T>,
      [question.toString(), about] as const,
    );
  }

  /** Keeps what is to be stored from the server, until the returned function is called. */
  async hold(): Promise<() => void> {
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
