/** An app of `site/`, built from the installed package as for development, and opened in a page. */
import { cp } from 'node:fs/promises';
import type { BrowserContext, Page } from '@playwright/test';
import { build } from 'esbuild';
import { CONSUMER } from './environment.js';

/** Builds the app in a folder of `site/`, whose entry is `main.tsx`; returns the path it is served at. */
export async function buildApp(name: string): Promise<string> {
  // Workers do not know of each other.
  const own = `${name}-${process.pid}`;
  const folder = `${CONSUMER}/${own}`;
  await cp(`${import.meta.dirname}/../site/${name}`, folder, { recursive: true });
  await build({
    entryPoints: [`${folder}/main.tsx`],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  return `/consumer/${own}/index.html`;
}

/** The app, which keeps what tests may ask for in `window.page`. */
export class AppTab<P> {
  /** What the page and React complained of. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  static async open<P>(
    context: BrowserContext,
    address: string,
    query: Record<string, string> = {},
  ): Promise<AppTab<P>> {
    const tab = new AppTab<P>(await context.newPage());
    await tab.page.goto(`${address}?${new URLSearchParams(query)}`);
    return tab;
  }

  /** Asks the page. */
  ask<T, A = undefined>(question: (page: P, about: A) => T, about?: A): Promise<Awaited<T>> {
    return this.page.evaluate(
      ([text, value]) =>
        new Function('page', 'about', `return (${text})(page, about)`)(
          (window as unknown as { page: P }).page,
          value,
        ),
      [question.toString(), about] as const,
    );
  }

  /** As if the page were hidden, or seen again. */
  setVisible(visible: boolean): Promise<void> {
    return this.page.evaluate((is) => {
      const state = is ? 'visible' : 'hidden';
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => !is });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, visible);
  }
}
