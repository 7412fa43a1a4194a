/** A page with the older civic module, in a browser context of its own. */
import type { Browser } from '@playwright/test';
import type { CorePage } from '../site/legacy-core-realtime/main.js';
import { AppTab, buildApp } from './app.js';
import type { ReferenceServer } from './server.js';
import { expect } from './test.js';
import { signToken } from './tokens.js';

/** Access to the page. */
export type CoreTab = AppTab<CorePage>;

/** Opens the page as a user. */
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

/** Initializes the service. */
export const initialize = (tab: CoreTab) =>
  tab.evaluate(({ core, token }) => core.realTimeService.initialize(token));

/** Waits until the page is joined to the channels and has caught up. */
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
