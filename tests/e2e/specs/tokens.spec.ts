/** Tokens: renewed in time, never sent again after a rejection, never shown. */
import type { ReferenceServer } from '../support/server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

/** Renewed after a second: soon enough to wait for, long before the end even on a slow machine. */
const TTL_MS = 4_000;
const refresh = { percent: 25, minIntervalMs: 500 };

async function joined(tab: Tab): Promise<void> {
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
}

async function expectUseful(tab: Tab, server: ReferenceServer): Promise<void> {
  await tab.until('ready');
  await tab.untilChannel('news');
  await server.publish('news', 'still here');
  await expect.poll(() => tab.messages('a')).toContain('still here');
}

/** A retry loop would open connections within this time. */
const RETRIES_WOULD_SHOW_MS = 1_500;

test('a token is renewed on the open connection before it expires', async ({ tab, server }) => {
  await tab.client({ url: server.url(), refresh }, () => signToken({ ttlMs: TTL_MS }));
  await joined(tab);
  // The first token has expired by then.
  await expect
    .poll(async () => (await server.connections())[0]?.received.auth ?? 0)
    .toBeGreaterThanOrEqual(6);
  await expectUseful(tab, server);
  expect((await server.stats()).opened).toBe(1);
  expect(await tab.reasonsFor('reconnecting')).toEqual([]);
  expect(await tab.errors()).toEqual([]);
});

test('without reauth a new token is sent on a new connection, after a close with 4003', async ({
  tab,
  server,
}) => {
  const url = server.url('subscribe,envelope,ack');
  await tab.client({ url, refresh }, () => signToken({ ttlMs: TTL_MS }));
  await joined(tab);
  await expect.poll(async () => (await server.stats()).opened).toBeGreaterThanOrEqual(2);
  await expect.poll(async () => (await server.connections())[0]?.closeCode).toBe(4003);
  await expectUseful(tab, server);
  expect(await tab.errors()).toEqual([]);
});

test('a token that expires unrenewed is replaced by a fresh one', async ({ tab, server }) => {
  await tab.client({ url: server.url() }, () => signToken());
  await joined(tab);
  await server.expireTokens();
  await expect.poll(async () => (await server.stats()).opened).toBe(2);
  expect((await server.connections())[0]?.closeCode).toBe(4001);
  await expectUseful(tab, server);
});

test('the same token is not tried again after 4001', async ({ tab, server }) => {
  const token = signToken();
  await tab.client({ url: server.url() }, () => token);
  await joined(tab);
  await server.expireTokens();
  await tab.until('failed');
  expect(await tab.reasonsFor('failed')).toEqual(['auth_denied']);
  await tab.page.waitForTimeout(RETRIES_WOULD_SHOW_MS);
  expect((await server.stats()).opened).toBe(1);
  const error = (await tab.errors()).at(-1);
  expect(error).toMatchObject({ code: 'auth_denied', retryable: false });
  expect(error?.hint).toContain('setToken');
});

test('fresh tokens that are rejected too are a failure from the second on, and others are tried', async ({
  tab,
  server,
}) => {
  await server.reject('auth');
  await tab.client({ url: server.url() }, () => signToken({ sub: `user-${Math.random()}` }));
  await tab.subscribe('a', 'news');
  await expect.poll(() => tab.reasonsFor('failed')).toContain('auth_denied');
  const states = (await tab.changes()).map(({ state }) => state);
  const attempts = states.slice(0, states.indexOf('failed'));
  expect(attempts.filter((state) => state === 'authenticating')).toHaveLength(2);
  // `getToken` is called again, with backoff; each of its tokens is sent once.
  await expect.poll(() => tab.tokensGiven).toBeGreaterThan(2);
  await expect.poll(async () => (await server.connections()).length).toBeGreaterThan(2);
  const closed = (await server.connections()).filter(({ open }) => !open);
  expect(new Set(closed.map(({ closeCode }) => closeCode))).toEqual(new Set([4001]));
  expect((await server.connections()).length).toBeLessThanOrEqual(tab.tokensGiven);
  expect((await tab.errors()).at(-1)).toMatchObject({ code: 'auth_denied' });

  // Signing in again ends the failure.
  await server.reject('off');
  await tab.page.evaluate((token) => window.kit.client.setToken(token), signToken());
  await expectUseful(tab, server);
});

test.describe('a getToken that returns a rejected token for some time', () => {
  /** How long it does. */
  const STALE_MS = 2_500;

  /** A client whose token is rejected, with a subscription made before that and one made after. */
  async function rejected(tab: Tab, server: ReferenceServer): Promise<() => void> {
    const stale = signToken();
    let isStale = true;
    await tab.client({ url: server.url() }, () => (isStale ? stale : signToken()));
    await joined(tab);
    await server.expireTokens();
    await tab.until('failed');
    expect(await tab.reasonsFor('failed')).toEqual(['auth_denied']);
    const errors = await tab.page.evaluate(() => {
      window.kit.subscribe('meanwhile', 'news');
      const handle = window.kit.client.channel('news', { onError: () => {} });
      return [window.kit.rejections.meanwhile?.map(({ code }) => code), handle.error?.code];
    });
    expect(errors, 'in the task of the subscription').toEqual([['auth_denied'], 'auth_denied']);
    return () => {
      isStale = false;
    };
  }

  async function expectBothUseful(tab: Tab, server: ReferenceServer): Promise<void> {
    await expectUseful(tab, server);
    await expect.poll(() => tab.messages('meanwhile')).toContain('still here');
    // The rejected token was not sent again.
    expect((await server.stats()).opened).toBe(2);
  }

  test('recovers by itself, and every subscription works', async ({ tab, server }) => {
    const renew = await rejected(tab, server);
    await tab.page.waitForTimeout(STALE_MS);
    expect(await tab.state()).toBe('failed');
    expect((await server.stats()).opened).toBe(1);
    renew();
    await expectBothUseful(tab, server);
  });

  test('is called at once when the page is shown', async ({ tab, server }) => {
    const renew = await rejected(tab, server);
    renew();
    await tab.hide();
    const calls = tab.tokensGiven;
    await tab.show();
    await expect.poll(() => tab.tokensGiven, { timeout: 1_000 }).toBeGreaterThan(calls);
    await expectBothUseful(tab, server);
  });
});

test.describe('a wrong clock of the device', () => {
  // On a server where a new token requires a new connection, a loop shows as connections.
  const WITHOUT_REAUTH = 'subscribe,envelope,ack';
  const HOUR_MS = 3_600_000;
  const answer = (ttlMs: number) => ({
    token: signToken({ ttlMs }),
    expiresAt: Date.now() + ttlMs,
  });

  for (const [clock, byMs] of [
    ['2 h ahead', 2 * HOUR_MS],
    ['a day ahead', 24 * HOUR_MS],
    ['a day behind', -24 * HOUR_MS],
  ] as const) {
    test(`${clock}: a token with expiresAt is renewed in its time, and not before`, async ({
      newTab,
      server,
    }) => {
      const [calm, short] = [await newTab(), await newTab()];
      for (const tab of [calm, short]) await tab.jumpClock(byMs);
      const quick = { percent: 25, minIntervalMs: 200 };
      await calm.client({ url: server.url(WITHOUT_REAUTH), refresh: quick }, () => answer(600_000));
      await joined(calm);
      await short.client({ url: server.url(), refresh }, () => answer(TTL_MS));
      await joined(short);
      await expect.poll(() => short.tokensGiven).toBeGreaterThanOrEqual(4);
      await expectUseful(short, server);
      expect(await short.reasonsFor('reconnecting')).toEqual([]);
      // By now a loop would have requested a dozen tokens.
      expect(calm.tokensGiven).toBe(1);
      expect(await calm.reasonsFor('reconnecting')).toEqual([]);
      expect(await calm.errors()).toEqual([]);
    });
  }
});

test('a user who may not connect (4002) gets the error forbidden', async ({ tab, server }) => {
  const token = signToken({ forbidden: true });
  await tab.client({ url: server.url() }, () => token);
  await tab.subscribe('a', 'news');
  await tab.until('failed');
  await tab.page.waitForTimeout(RETRIES_WOULD_SHOW_MS);
  expect((await server.connections()).map(({ closeCode }) => closeCode)).toEqual([4002]);
  const error = (await tab.errors()).find(({ code }) => code === 'forbidden');
  expect(error).toMatchObject({ retryable: false });
  expect(error?.hint).not.toBe('');
});

test('a getToken that fails opens no connection, and is called again', async ({ tab, server }) => {
  let works = false;
  await tab.client({ url: server.url() }, () => {
    if (!works) throw Error('the session service is down');
    return signToken();
  });
  await tab.subscribe('a', 'news');
  await expect.poll(() => tab.errorCodes()).toContain('token_failed');
  const [error] = await tab.errors();
  expect(error).toMatchObject({ code: 'token_failed', retryable: true });
  expect(error?.message).toContain('the session service is down');
  expect(error?.hint).not.toBe('');
  await expect.poll(() => tab.tokensGiven).toBeGreaterThanOrEqual(2);
  expect((await server.stats()).opened).toBe(0);
  works = true;
  await expectUseful(tab, server);
});

test('a server that requires a token rejects a connection without one', async ({ tab, server }) => {
  await tab.client({ url: server.url() }, null);
  await tab.subscribe('a', 'news');
  await tab.until('failed');
  expect((await tab.errors()).at(-1)).toMatchObject({ code: 'auth_denied' });
  expect((await server.stats()).opened).toBe(1);
});

test.describe('on a server with anonymous access', () => {
  test.use({ serverOptions: { flags: ['--anonymous'] } });

  test('no token, or null, connects without', async ({ newTab, server }) => {
    for (const source of [null, () => null]) {
      const tab = await newTab();
      await tab.client({ url: server.url() }, source);
      await joined(tab);
    }
    expect((await server.connections()).map(({ user }) => user)).toEqual([null, null]);
  });

  test('signing in and out without a page load changes the user', async ({ tab, server }) => {
    await tab.client({ url: server.url() }, null);
    await joined(tab);
    const sign = (token: string | null): Promise<void> =>
      tab.page.evaluate((given) => window.kit.client.setToken(given), token);
    const user = async (): Promise<string | null | undefined> =>
      (await server.openConnections()).at(-1)?.user;
    await sign(signToken({ sub: 'bob' }));
    await expect.poll(user).toBe('bob');
    await sign(null);
    await expect.poll(user).toBeNull();
    await expectUseful(tab, server);
  });
});

test('tokens appear in no address, log, error, metric or storage', async ({ tab, server }) => {
  const tokens: string[] = [];
  const addresses: string[] = [];
  const console: string[] = [];
  tab.page.on('websocket', (socket) => addresses.push(socket.url()));
  tab.page.on('console', (message) => console.push(message.text()));
  await tab.client({ url: server.url(), debug: true }, () => {
    tokens.push(signToken({ sub: `user-${tokens.length}` }));
    return tokens.at(-1) ?? null;
  });
  await joined(tab);
  await server.expireTokens();
  await expect.poll(async () => (await server.stats()).opened).toBe(2);
  await server.reject('auth');
  await server.faults({ drop: true });
  await tab.until('failed');
  const received = await tab.page.evaluate(() =>
    JSON.stringify([
      window.kit.logs,
      window.kit.errors,
      window.kit.changes,
      window.kit.client.getMetrics(),
      window.kit.client.getSnapshot(),
      String(window.kit.client.error?.cause),
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
    ]),
  );
  expect(tokens.length).toBeGreaterThanOrEqual(3);
  expect(await tab.page.evaluate(() => window.kit.logs.length)).toBeGreaterThan(0);
  for (const token of tokens) {
    const signature = token.split('.')[2] ?? '';
    for (const text of [received, ...addresses, ...console]) expect(text).not.toContain(signature);
  }
});
