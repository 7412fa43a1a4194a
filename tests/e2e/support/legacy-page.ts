/** The apps with older hooks in them, built from the installed package and opened in pages. */
import { cp } from 'node:fs/promises';
import type { Browser, Page } from '@playwright/test';
import { build } from 'esbuild';
import { CONSUMER } from './environment.js';
import type { ReferenceServer } from './server.js';
import type { Site } from './site.js';
import { signToken } from './tokens.js';

/** Which backend the app is on: tables and Realtime of Supabase, or the native protocol and REST. */
export type Backend = 'supabase' | 'native';

const built = new Map<string, Promise<string>>();

/** Builds the app `site/legacy/NAME.tsx`, as for development, once; returns the path it is served at. */
export function buildLegacyPage(name: string): Promise<string> {
  const path = built.get(name) ?? buildOnce(name);
  built.set(name, path);
  return path;
}

async function buildOnce(name: string): Promise<string> {
  // Workers do not know of each other.
  const own = `legacy-${name}-${process.pid}`;
  const folder = `${CONSUMER}/${own}`;
  await cp(`${import.meta.dirname}/../site/legacy`, folder, { recursive: true });
  await build({
    entryPoints: [`${folder}/${name}.tsx`],
    outfile: `${folder}/main.js`,
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  return `/consumer/${own}/index.html`;
}

/** A page with such an app, whose `window.page` is a `P`. */
export class LegacyTab<P> {
  /** What React and the page complained of. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium tells of every request that is refused.
      const isRequest = message.text().startsWith('Failed to load resource');
      if (!isRequest && /error|warning/.test(message.type())) this.complaints.push(message.text());
    });
  }

  /** Opens it for somebody, in a browser context of its own. */
  static async open<P>(
    browser: Browser,
    { site, server, path }: { site: Site; server: ReferenceServer; path: string },
    { user, backend = 'supabase', ...rest }: { user: string; backend?: Backend; at?: string },
  ): Promise<LegacyTab<P>> {
    const tab = new LegacyTab<P>(await (await browser.newContext()).newPage());
    const query = {
      user,
      backend,
      server: server.origin,
      key: signToken({ sub: 'the public key', role: 'anon' }),
      token: signToken({ sub: user }),
      ...rest,
    };
    await tab.page.goto(`${site.origin}${path}?${new URLSearchParams(query)}`);
    await tab.page.waitForFunction(() => 'page' in window);
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

  /** What the list with this label shows. */
  items(label: string): Promise<string[]> {
    return this.page
      .getByRole('list', { name: label, exact: true })
      .getByRole('listitem')
      .allTextContents();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
