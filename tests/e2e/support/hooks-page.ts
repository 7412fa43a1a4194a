/** The app with the hooks in it, built from the installed package and opened in a page. */
import { cp } from 'node:fs/promises';
import type { BrowserContext, Page } from '@playwright/test';
import { build } from 'esbuild';
import type { HooksPage } from '../site/hooks/main.js';
import { CONSUMER } from './environment.js';

/** Builds it into a folder of that name, as for development; returns the path it is served at. */
export async function buildHooksPage(name: string): Promise<string> {
  const folder = `${CONSUMER}/${name}`;
  await cp(`${import.meta.dirname}/../site/hooks`, folder, { recursive: true });
  await build({
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

/** The page, as the tests talk to it. */
export class HooksTab {
  /** What React and the page complained of. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
  }

  static async open(
    context: BrowserContext,
    address: string,
    query: Record<string, string>,
  ): Promise<HooksTab> {
    const tab = new HooksTab(await context.newPage());
    await tab.page.goto(`${address}?${new URLSearchParams(query)}`);
    return tab;
  }

  /** Asks the page. */
  ask<T, A = undefined>(question: (page: HooksPage, about: A) => T, about?: A): Promise<T> {
    return this.page.evaluate(
      ([text, value]) =>
        new Function('page', 'about', `return (${text})(page, about)`)(
          (window as unknown as { page: HooksPage }).page,
          value,
        ),
      [question.toString(), about] as const,
    );
  }

  /** What the list shows. */
  items(): Promise<string[]> {
    return this.page.getByRole('listitem').allTextContents();
  }

  /** The bytes of the heap that something refers to. */
  async heap(): Promise<number> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    await session.detach();
    return usedSize;
  }
}
