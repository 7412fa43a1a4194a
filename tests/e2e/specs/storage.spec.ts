/** The client stores nothing in the browser. */
import { expect, test } from '../support/test.js';

test('neither tokens nor messages nor rows are in any storage of the page', async ({
  tab,
  server,
}) => {
  await tab.listening(server.url());
  await tab.send('s', 'news', 'a message');
  await tab.settled('s');
  await expect.poll(() => tab.messages('a')).toEqual(['a message']);
  await tab.page.evaluate(async () => {
    const rows = window.kit.client.collection<{ id: string }>('rows', { load: () => [] });
    await rows.insert({ id: 'a' }).promise;
  });
  const stored = await tab.page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: 'caches' in window ? await caches.keys() : [],
    cookies: document.cookie,
    windowName: window.name,
  }));
  expect(stored).toEqual({
    local: [],
    session: [],
    databases: [],
    caches: [],
    cookies: '',
    windowName: '',
  });
});
