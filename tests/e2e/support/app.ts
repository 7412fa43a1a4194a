/** An app with React in it, built from the installed package and opened in a page. */
import { cp } from 'node:fs/promises';
import type { BrowserContext, Page } from '@playwright/test';
import { build as esbuild } from 'esbuild';
import { CONSUMER } from './environment.js';

const built = new Map<string, Promise<string>>();

/** Builds one of the apps in `site/`, as for development; returns where it is served. */
export function buildApp(app: string): Promise<string> {
  const address = built.get(app) ?? build(app);
  built.set(app, address);
  return address;
}

async function build(app: string): Promise<string> {
  // Workers run in parallel, each with a folder of its own.
  const name = `${app}-${process.pid}`;
  const folder = `${CONSUMER}/${name}`;
  await cp(`${import.meta.dirname}/../site/${app}`, folder, { recursive: true });
  await esbuild({
    entryPoints: [`${folder}/main.tsx`],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  return `/consumer/${name}/index.html`;
}

/** A page with an app; `P` is the object that the app exposes to tests. */
export class AppTab<P> {
  /** The errors and warnings in the console, and uncaught errors. */
  readonly consoleErrors: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.consoleErrors.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.consoleErrors.push(message.text());
    });
  }

  static async open<P>(
    context: BrowserContext,
    address: string,
    query: Record<string, string>,
  ): Promise<AppTab<P>> {
    const tab = new AppTab<P>(await context.newPage());
    await tab.page.goto(`${address}?${new URLSearchParams(query)}`);
    return tab;
  }

  /** Runs a function in the page, with the app's object. */
  evaluate<T, A = undefined>(work: (page: P, about: A) => T, about?: A): Promise<T> {
    return this.page.evaluate(
      ([text, value]) =>
        new Function('page', 'about', `return (${text})(page, about)`)(
          (window as unknown as { page: P }).page,
          value,
        ),
      [work.toString(), about] as const,
    );
  }

  /** Simulates that the page is hidden, or shown again. */
  setVisible(visible: boolean): Promise<void> {
    return this.page.evaluate((is) => {
      const state = is ? 'visible' : 'hidden';
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => !is });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, visible);
  }

  /** The texts of the page's list items, or of those of the list of this name. */
  items(list?: string): Promise<string[]> {
    const place =
      list === undefined ? this.page : this.page.getByRole('list', { name: list, exact: true });
    return place.getByRole('listitem').allTextContents();
  }

  /** The size of the heap after a garbage collection, in bytes. */
  async heap(): Promise<number> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    await session.detach();
    return usedSize;
  }
}
