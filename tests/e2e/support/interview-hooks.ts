/** The apps with the legacy hooks of interviews. */
import type { Browser } from '@playwright/test';
import { AppTab, buildApp } from './app.js';
import type { ReferenceServer } from './server.js';
import type { Site } from './site.js';
import { signToken } from './tokens.js';

/** The app's backend: tables and Realtime of Supabase, or the native protocol and REST. */
export type Backend = 'supabase' | 'native';

/** Where the app and its backend are. */
export interface Place {
  browser: Browser;
  site: Site;
  server: ReferenceServer;
}

/** Opens one of the apps for a user, in a browser context of its own. */
export async function openHooks<P>(
  { browser, site, server }: Place,
  app: 'interviews' | 'broadcast',
  user: string,
  backend: Backend,
): Promise<AppTab<P>> {
  const address = `${site.origin}${await buildApp('interview-hooks')}`;
  const tab = await AppTab.open<P>(await browser.newContext(), address, {
    app,
    user,
    backend,
    server: server.remoteOrigin,
    key: signToken({ sub: 'the public key', role: 'anon' }),
    token: signToken({ sub: user }),
  });
  await tab.page.waitForFunction(() => 'page' in window);
  return tab;
}

/** Closes it; returns its console errors except those of rejected requests, which Chromium reports itself. */
export async function closeHooks<P>({ page, consoleErrors }: AppTab<P>): Promise<string[]> {
  await page.context().close();
  return consoleErrors.filter((text) => !text.startsWith('Failed to load resource'));
}
