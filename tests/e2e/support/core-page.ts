/** A page with the older civic module, in a browser context of its own. */
import type { Browser } from '@playwright/test';
import type { CorePage } from '../site/legacy-core-realtime/main.js';
import { AppTab, buildApp } from './app.js';
import type { ReferenceServer } from './server.js';
import { expect } from './test.js';
import { signToken } from './tokens.js';

/** The page, as tests talk to it. */
export type CoreTab = AppTab<CorePage>;

/** Opens one. */
export async function open(
  { browser, origin, server }: { browser: Browser; origin: string; server: ReferenceServer },
  sub = 'ann',
  query: Record<string, string> = {},
): Promise<CoreTab> {
  const address = origin + (await buildApp('legacy-core-realtime'));
  return AppTab.open(await browser.newContext(), address, {
    url: server.url(),
    token: signToken({ sub }),
    user: sub,
    ...query,
  });
}

/** Begins the service. */
export const initialize = (tab: CoreTab) =>
  tab.evaluate(({ core, token }) => core.realTimeService.initialize(token));

/** Waits until the page is in a channel and caught up. */
export const joined = (tab: CoreTab, ...channels: string[]): Promise<void> =>
  expect
    .poll(() =>
      tab.evaluate(({ client }) =>
        client
          .getChannelStats()
          .channels.filter(({ state }) => state === 'ready')
          .map(({ key }) => key),
      ),
    )
    .toEqual(expect.arrayContaining(channels));
