/** The hooks of the packed package, with React 19 in StrictMode, against the reference server. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { HooksPage } from '../site/hooks/main.js';
import { AppTab, buildApp } from '../support/app.js';
import { CONSUMER, INSTALLED } from '../support/environment.js';
import type { ReferenceServer } from '../support/server.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

const CHANNEL = 'board:x';
const COMPONENTS = 100;
const CYCLES = 1_000;
/** The largest growth of the heap. Measured: 0.3 MB after 1,000 cycles of five components, 0.4 MB after 3,000. */
const SLACK_BYTES = 1_000_000;

test.use({
  serverOptions: { tables: { 'board:*': { rules: [{ field: 'title', forbid: 'forbidden' }] } } },
});

const news = (server: ReferenceServer) => ({ url: server.url(), token: signToken() });

test('100 components on one channel: one membership, and one render each for a message', async ({
  context,
  site,
  server,
}) => {
  const tab = await AppTab.open<HooksPage>(
    context,
    `${site.origin}${await buildApp('hooks')}`,
    news(server),
  );
  await tab.evaluate((page, count) => page.show(count), COMPONENTS);
  const state = () => tab.evaluate((page) => page.client.getChannelStats().channels[0]?.state);
  await expect.poll(state).toBe('ready');
  expect((await server.stats()).subscribes).toEqual({ news: 1 });
  await tab.evaluate((page) => page.commits.fill(0));
  await server.publish('news', { n: 1 });
  await expect.poll(() => tab.items()).toEqual(Array(COMPONENTS).fill('1'));
  expect(await tab.evaluate((page) => page.commits)).toEqual(Array(COMPONENTS).fill(1));

  await tab.evaluate((page) => page.commits.fill(0));
  const before = Date.now();
  await server.flood('news', 300, 300);
  await expect.poll(() => tab.items()).toEqual(Array(COMPONENTS).fill('300'));
  const windows = Math.ceil((Date.now() - before) / 100) + 1;
  for (const commits of await tab.evaluate((page) => page.commits)) {
    expect(commits).toBeLessThanOrEqual(windows);
  }

  await tab.evaluate((page) => page.show(0));
  await expect.poll(() => tab.evaluate((page) => page.client.state)).toBe('idle');
  expect(await tab.evaluate((page) => page.client.getChannelStats().totalChannels)).toBe(0);
  expect((await server.stats()).subscribes).toEqual({ news: 1 });
  expect(tab.consoleErrors).toEqual([]);
});

test('1,000 times mounted and unmounted: nothing is left in the registry or on the heap', async ({
  context,
  site,
  server,
}) => {
  const tab = await AppTab.open<HooksPage>(
    context,
    `${site.origin}${await buildApp('hooks')}`,
    news(server),
  );
  const cycle = (times: number) =>
    tab.evaluate(async (page, count) => {
      for (let turn = 0; turn < count; turn++) {
        page.show(5);
        page.show(0);
        // Effects are cleaned up, and closed, before the next turn.
        await new Promise((resolve) => setTimeout(resolve));
      }
    }, times);
  await cycle(100);
  const before = await tab.heap();
  await cycle(CYCLES);
  await expect.poll(() => tab.evaluate((page) => page.client.getMetrics().subscriberCount)).toBe(0);
  await expect.poll(() => tab.evaluate((page) => page.client.state)).toBe('idle');
  expect(await tab.evaluate((page) => page.client.getChannelStats().totalChannels)).toBe(0);
  expect((await tab.heap()) - before).toBeLessThan(SLACK_BYTES);
  expect(tab.consoleErrors).toEqual([]);
});

test('one board in two contexts, through a cut: shown at once, confirmed, rolled back alone, never duplicated', async ({
  browser,
  site,
  server,
}) => {
  const address = `${site.origin}${await buildApp('hooks')}`;
  const open = async (sub: string): Promise<AppTab<HooksPage>> => {
    const tab = await AppTab.open<HooksPage>(await browser.newContext(), address, {
      url: server.url(),
      token: signToken({ sub }),
      table: server.tableUrl(CHANNEL),
    });
    await expect.poll(() => tab.evaluate(({ board }) => board?.isLoading)).toBe(false);
    await expect.poll(() => tab.evaluate(({ board }) => board?.isConnected)).toBe(true);
    return tab;
  };
  const tabs = [await open('ann'), await open('bob')] as const;
  const [ann] = tabs;
  await ann.evaluate(({ board }) => void board?.insert({ mark: 'a', title: 'first' }));
  for (const tab of tabs) await expect.poll(() => tab.items()).toEqual(['first']);

  // The server accepts the next frame and drops the connection without an answer.
  await server.faults({ dropAfterAccept: true });
  const insert = (title: string) =>
    ann.evaluate(
      ({ board }, text) =>
        board?.insert({ mark: text, title: text }).promise.then(
          () => 'confirmed',
          ({ code }: { code: string }) => code,
        ),
      title,
    );
  const outcomes = Promise.all([insert('second'), insert('forbidden'), insert('third')]);
  await expect.poll(() => ann.items()).toContain('second');
  expect(await outcomes).toEqual(['confirmed', 'rejected', 'confirmed']);
  const titles = async (tab: AppTab<HooksPage>) => (await tab.items()).toSorted();
  for (const tab of tabs) {
    await expect.poll(() => titles(tab)).toEqual(['first', 'second', 'third']);
    expect(await tab.evaluate(({ board }) => board?.pending)).toEqual([]);
    // The row of a change that was settled by its acknowledgement may be received later, by recovery.
    const temporary = () =>
      tab.evaluate(({ board }) => board?.items.some(({ id }) => id.startsWith('tmp:')));
    await expect.poll(temporary).toBe(false);
    expect(await tab.evaluate(({ doubled }) => doubled)).toEqual([]);
  }
  expect(await ann.evaluate(({ board }) => board?.continuity)).toBe('recovered');
  expect(await server.table(CHANNEL)).toHaveLength(3);
  expect((await server.stats()).opened).toBeGreaterThan(2);
  for (const tab of tabs) {
    // The cut is one warning: the client has no error listener.
    const others = tab.consoleErrors.filter(
      (text) => !/^\[tidewire\] connection_lost: /.test(text),
    );
    expect(others).toEqual([]);
    await tab.page.context().close();
  }
});

test('components on one channel with the same options share one load, and rows are kept for the linger time', async ({
  context,
  site,
  server,
}) => {
  await server.change(CHANNEL, { change: 'insert', row: { mark: 'a', title: 'first' } });
  const tab = await AppTab.open<HooksPage>(context, `${site.origin}${await buildApp('hooks')}`, {
    ...news(server),
    table: server.tableUrl(CHANNEL),
    shared: 'yes',
  });
  await tab.evaluate((page) => page.show(2));
  await expect.poll(() => tab.items()).toEqual(['first', 'first']);
  expect(await tab.evaluate(({ loads }) => loads)).toBe(1);

  for (const pause of [0, 300]) {
    await tab.evaluate((page) => page.show(0));
    await tab.page.waitForTimeout(pause);
    await tab.evaluate((page) => page.renders.splice(0));
    await tab.evaluate((page) => page.show(1));
    await expect.poll(() => tab.items()).toEqual(['first']);
    expect(new Set(await tab.evaluate(({ renders }) => renders))).toEqual(new Set(['first']));
  }
  await server.change(CHANNEL, { change: 'insert', row: { mark: 'b', title: 'second' } });
  await expect.poll(() => tab.items()).toEqual(['first', 'second']);
  expect(await tab.evaluate(({ loads }) => loads)).toBe(1);

  await tab.evaluate((page) => page.show(0));
  await expect.poll(() => tab.evaluate(({ client }) => client.state)).toBe('idle');
  await tab.evaluate((page) => page.renders.splice(0));
  await tab.evaluate((page) => page.show(1));
  await expect.poll(() => tab.items()).toEqual(['first', 'second']);
  expect(await tab.evaluate(({ renders }) => renders[0])).toBe('loading');
  expect(await tab.evaluate(({ loads }) => loads)).toBe(2);
  expect(tab.consoleErrors).toEqual([]);
});

for (const [format, load] of [
  ['an ES module', (name: string) => `await import('${name}')`],
  ['CommonJS', (name: string) => `require('${name}')`],
] as const) {
  test(`on a server, as ${format}: renders, with the one default client`, async () => {
    const script = `(async () => {
      const { createElement } = ${load('react')};
      const { renderToString } = ${load('react-dom/server')};
      const { realtimeClient } = ${load('tidewire')};
      const { useRealtimeClient, useMessages, useConnection } = ${load('tidewire/react')};
      const Page = () => {
        const isDefault = useRealtimeClient() === realtimeClient;
        return [useConnection().state, useMessages('news').messages.length, isDefault].join();
      };
      console.log(renderToString(createElement(Page)));
    })()`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      cwd: CONSUMER,
    });
    expect(stdout.trim()).toBe('idle,0,true');
  });
}

test('the entry is marked as a client module for frameworks with server components', async () => {
  for (const file of ['react.js', 'react.cjs']) {
    expect(await readFile(`${INSTALLED}/dist/${file}`, 'utf8')).toMatch(
      /^("use strict";)?"use client";/,
    );
  }
});
