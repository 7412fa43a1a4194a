/** The rows of a collection: their values, their keys and their order. */
import { expect, test } from '../support/test.js';

test('a loaded row whose only changed member is a date or an address is shown; one with the same content stays', async ({
  newTab,
  server,
}) => {
  const tab = await newTab();
  await tab.client({ url: server.url() });
  const seen = await tab.page.evaluate(async () => {
    let n = 0;
    const rows = window.kit.client.collection('dates', {
      load: () => {
        n++;
        return [
          { id: 1, at: new Date(n), fixed: new Date(0) },
          { id: 2, link: new URL(`https://example.com/${n}`) },
          { id: 3, at: new Date(0), in: [{ at: new Date(0) }] },
        ];
      },
    });
    const loaded = () =>
      new Promise<readonly object[]>((resolve) => {
        rows.on('change', ({ items, isLoading }) => {
          if (!isLoading) resolve(items);
        });
      });
    const first = await loaded();
    const next = loaded();
    rows.reload();
    const second = await next;
    return {
      kept: [0, 1, 2].map((at) => first[at] === second[at]),
      at: (second[0] as { at: Date }).at.getTime(),
      link: (second[1] as { link: URL }).link.href,
    };
  });
  expect(seen).toEqual({
    kept: [false, false, true],
    at: 2,
    link: 'https://example.com/2',
  });
});

for (const [what, row, place] of [
  ['no key', () => ({ _id: 1 }), "row 1: the key 'id' is missing"],
  ['a fraction as its key', () => ({ id: 1.5 }), "row 1: the key 'id' is a number"],
  ['a map in it', () => ({ id: 2, tags: new Map() }), 'rows[1].tags'],
] as const) {
  test(`a load with a row that has ${what} fails and names the path`, async ({
    newTab,
    server,
  }) => {
    const tab = await newTab();
    await tab.client({ url: server.url() });
    const error = await tab.page.evaluate((make) => {
      const bad = new Function(`return (${make})()`)();
      const rows = window.kit.client.collection('bad', { load: () => [{ id: 1 }, bad] });
      return new Promise<{ code: string; message: string; items: number }>((resolve) => {
        rows.on('change', ({ error, items }) => {
          if (error) resolve({ code: error.code, message: error.message, items: items.length });
        });
      });
    }, row.toString());
    expect(error).toMatchObject({ code: 'load_failed', items: 0 });
    expect(error.message).toContain(place);
  });
}

test('two tabs show the same order for loaded and received rows', async ({ newTab, server }) => {
  const ids = ['b', 10, 'a', 9, '100', -3, 'é'];
  const [ann, bob] = [await newTab(), await newTab()];
  for (const tab of [ann, bob]) {
    await tab.client({ url: server.url() });
    await tab.page.evaluate(
      (loaded) => {
        const load = () => loaded.map((id) => ({ id }));
        const rows = window.kit.client.collection<{ id: string | number }>('order', {
          ...(loaded.length && { load }),
        });
        Object.assign(window, { keys: () => rows.items.map(({ id }) => `${id}`) });
      },
      tab === ann ? [] : ids.slice(0, 4).reverse(),
    );
  }
  const keys = (tab: typeof ann) =>
    tab.page.evaluate(() => (window as unknown as { keys(): string[] }).keys());
  await expect.poll(() => keys(bob)).toEqual(['9', '10', 'a', 'b']);
  await ann.until('ready');
  for (const id of ids) await server.publish('order', { row: { id } }, 'insert');
  const ordered = ['-3', '9', '10', '100', 'a', 'b', 'é'];
  for (const tab of [ann, bob]) await expect.poll(() => keys(tab)).toEqual(ordered);
});
