/** Collections that two clients change at the same time: changes are shown at once, and all end with the server's rows. */
import type { Edit } from '../site/board.js';
import { BoardIn } from '../support/board.js';
import { Random } from '../support/random.js';
import { takeSeed } from '../support/seed.js';
import type { ReferenceServer } from '../support/server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

const CHANNEL = 'board:x';
const EDITS = 150;
const EVERY_MS = 90;
const CUTS = 12;

test.use({
  serverOptions: {
    tables: { 'board:*': { rules: [{ field: 'title', forbid: 'forbidden' }] } },
  },
});

interface BoardClient {
  tab: Tab;
  board: BoardIn;
}

/** Opens the board as a user. */
async function openBoard(
  tab: Tab,
  server: ReferenceServer,
  sub: string,
  options: Parameters<typeof BoardIn.open>[2] = {},
): Promise<BoardClient> {
  await tab.client(
    { url: server.url(), reconnect: { baseMs: 20, maxMs: 200 }, visibility: { pauseAfterMs: 0 } },
    () => signToken({ sub }),
  );
  const board = await BoardIn.open(tab, CHANNEL, { table: server.tableUrl(CHANNEL), ...options });
  return { tab, board };
}

/** Expects every client to show the rows of the server, and never to have shown a row twice. */
async function expectConverged(server: ReferenceServer, ...clients: BoardClient[]): Promise<void> {
  const stored = await server.table(CHANNEL);
  for (const { board } of clients) {
    await expect.poll(() => board.rows()).toEqual(stored);
    const { faults, pending, isLoading } = await board.report();
    expect({ faults, pending, isLoading }).toEqual({ faults: [], pending: 0, isLoading: false });
  }
}

test('two clients that change one board at random during cuts converge to the server’s rows, and show none twice', async ({
  newTab,
  server,
}) => {
  const random = new Random(takeSeed());
  const clients = [
    await openBoard(await newTab(), server, 'ann'),
    await openBoard(await newTab(), server, 'bob'),
  ];
  for (const [n, { board }] of clients.entries()) {
    await board.editAtRandom(`${n}`, random.below(1_000_000), EDITS, EVERY_MS);
  }
  for (let cut = 1; cut <= CUTS; cut++) {
    const { board } = random.pick(clients);
    const due = ((cut - random.next()) * EDITS) / (CUTS + 1);
    await expect.poll(async () => (await board.report()).edits.length).toBeGreaterThan(due);
    const [connection] = random.shuffled(await server.openConnections());
    const fault = random.pick([{ drop: true }, { close: 1012 }, { dropAfterAccept: true }]);
    // It may have ended meanwhile.
    if (connection) await server.faults({ connection: connection.id, ...fault }).catch(() => {});
  }
  const confirmed: Edit[] = [];
  for (const { board } of clients) {
    const edits = await board.settled(EDITS);
    confirmed.push(...edits.filter(({ outcome }) => outcome === 'confirmed'));
    for (const { kind, title, failure } of edits) {
      if (title?.includes('forbidden'))
        expect(failure).toMatch(/^(invalid|not_found|dependency_failed)$/);
      // The other client removed the row first, or the row's insert was rolled back.
      else if (kind === 'insert') expect(failure).toBeUndefined();
      else expect([undefined, 'not_found', 'dependency_failed']).toContain(failure);
    }
  }
  await expectConverged(server, ...clients);
  const applied = (await server.log(CHANNEL)).map(({ id }) => id);
  expect(applied.toSorted()).toEqual(confirmed.map(({ mutation }) => mutation).toSorted());
  expect((await server.stats()).opened).toBeGreaterThan(clients.length);
  for (const { board } of clients) expect((await board.report()).loads, 'no gap').toBe(1);
});

test('a rejected change is rolled back alone; other changes of its row stay', async ({
  newTab,
  server,
}) => {
  const [ann, bob] = [
    await openBoard(await newTab(), server, 'ann'),
    await openBoard(await newTab(), server, 'bob'),
  ];
  await ann.board.insert({ mark: 'a', title: 'first' });
  await ann.board.settled(1);
  await ann.tab.offline();
  await ann.board.update('a', { title: 'second' });
  await ann.board.update('a', { title: 'a forbidden word' });
  await ann.board.update('a', { body: 'text' });
  expect(await ann.board.rows()).toMatchObject([{ title: 'a forbidden word', body: 'text' }]);
  await ann.tab.online();
  const edits = await ann.board.settled(4);
  expect(edits.map(({ failure }) => failure)).toEqual([undefined, undefined, 'invalid', undefined]);
  const received = async () => {
    const rows = await ann.board.history('a');
    const texts = rows.map(({ title, body }) => `${title} ${body ?? ''}`);
    return texts.filter((text, at) => text !== texts[at - 1]);
  };
  // The stored row is shown within `batchMs`.
  await expect
    .poll(received)
    .toEqual(['first ', 'second ', 'a forbidden word ', 'a forbidden word text', 'second text']);
  await expectConverged(server, ann, bob);
});

test('changes of a rejected row fail with dependency_failed', async ({ tab, server }) => {
  const ann = await openBoard(tab, server, 'ann');
  await ann.tab.offline();
  await ann.board.insert({ mark: 'a', title: 'a forbidden word' });
  await ann.board.update('a', { title: 'better' });
  await ann.tab.online();
  const edits = await ann.board.settled(2);
  expect(edits.map(({ failure }) => failure)).toEqual(['invalid', 'dependency_failed']);
  expect(await ann.board.rows()).toEqual([]);
});

test('a temporary key is replaced by the real one, in queued changes too', async ({
  newTab,
  server,
}) => {
  const [ann, bob] = [
    await openBoard(await newTab(), server, 'ann'),
    await openBoard(await newTab(), server, 'bob'),
  ];
  await ann.tab.offline();
  const { mutation } = await ann.board.insert({ mark: 'a', title: 'first' });
  await ann.board.update('a', { title: 'second' });
  expect(await ann.board.rows()).toEqual([{ id: `tmp:${mutation}`, mark: 'a', title: 'second' }]);
  await ann.tab.online();
  for (const { outcome } of await ann.board.settled(2)) expect(outcome).toBe('confirmed');
  await expectConverged(server, ann, bob);
  expect(await server.table(CHANNEL)).toMatchObject([{ mark: 'a', title: 'second', version: 2 }]);
  for (const { board } of [ann, bob]) {
    for (const { id } of await board.rows()) expect(id).not.toContain('tmp:');
  }
});

test('changes beyond the log are loaded after a reconnect', async ({ newTab, server }) => {
  const [ann, bob] = [
    await openBoard(await newTab(), server, 'ann'),
    await openBoard(await newTab(), server, 'bob'),
  ];
  for (const mark of ['a', 'b', 'c']) await ann.board.insert({ mark, title: mark });
  await ann.board.settled(3);
  await expectConverged(server, ann, bob);
  await bob.tab.hide();
  await bob.tab.until('paused');
  await ann.board.remove('a');
  await ann.board.update('b', { title: 'changed' });
  await ann.board.insert({ mark: 'd', title: 'new' });
  await ann.board.settled(6);
  await server.trim(CHANNEL);
  await bob.tab.show();
  await expectConverged(server, ann, bob);
  expect(await bob.board.report()).toMatchObject({ continuity: 'gap', loads: 2 });
  expect(await ann.board.report()).toMatchObject({ continuity: 'fresh', loads: 1 });
  // A row that has not changed is not shown again.
  expect(await bob.board.history('c')).toHaveLength(1);
});

for (const first of ['the broadcast', 'the response'] as const) {
  test(`a change stored over HTTP is shown once, ${first} arriving first`, async ({
    newTab,
    server,
  }) => {
    const [ann, bob] = [
      await openBoard(await newTab(), server, 'ann', { overHttp: true }),
      await openBoard(await newTab(), server, 'bob', { overHttp: true }),
    ];
    if (first === 'the response') {
      const [connection] = await server.openConnections();
      await server.faults({ connection: connection?.id ?? '', delayMs: 400 });
    } else {
      await ann.tab.subscribe('echo', CHANNEL);
      await ann.tab.page.route('**/tables/**', async (route) => {
        const received = await ann.tab.count('echo');
        const response = await route.fetch();
        await expect.poll(() => ann.tab.count('echo')).toBeGreaterThan(received);
        await route.fulfill({ response });
      });
    }
    const { mutation } = await ann.board.insert({ mark: 'a', title: 'first' });
    await ann.board.settled(1);
    await ann.board.update('a', { title: 'second' });
    await ann.board.update('a', { body: 'text' });
    const edits = await ann.board.settled(3);
    expect(edits.map(({ outcome }) => outcome)).toEqual(Array(3).fill('confirmed'));
    await expectConverged(server, ann, bob);
    const log = await server.log(CHANNEL);
    expect(log.map(({ id }) => id)).toEqual(edits.map((edit) => edit.mutation));
    expect(log[0]?.id).toBe(mutation);
    await ann.board.remove('a');
    await ann.board.settled(4);
    await expectConverged(server, ann, bob);
    expect(await bob.board.rows()).toEqual([]);
  });
}

test('a change rejected over HTTP is rolled back', async ({ tab, server }) => {
  const ann = await openBoard(tab, server, 'ann', { overHttp: true });
  await ann.board.insert({ mark: 'a', title: 'first' });
  await ann.board.settled(1);
  await ann.board.update('a', { title: 'a forbidden word' });
  expect((await ann.board.settled(2)).map(({ failure }) => failure)).toEqual([
    undefined,
    'invalid',
  ]);
  await expectConverged(server, ann);
});

for (const [conflict, theirs, ends, failures] of [
  ['server-wins', { title: 'theirs' }, { title: 'theirs', body: 'old' }, ['conflict']],
  ['merge', { title: 'theirs', body: 'theirs' }, { title: 'mine', body: 'theirs' }, []],
  ['client-wins', { title: 'theirs', body: 'theirs' }, { title: 'mine', body: 'old' }, []],
] as const) {
  test(`a field that both clients changed is resolved by ${conflict}`, async ({
    newTab,
    server,
  }) => {
    const options = { conflict, version: 'version' } as const;
    const [ann, bob] = [
      await openBoard(await newTab(), server, 'ann', options),
      await openBoard(await newTab(), server, 'bob', options),
    ];
    await ann.board.insert({ mark: 'a', title: 'old', body: 'old' });
    await ann.board.settled(1);
    await expectConverged(server, ann, bob);
    await ann.tab.offline();
    await ann.board.update('a', { title: 'mine' });
    await bob.board.update('a', theirs);
    await bob.board.settled(1);
    await ann.tab.online();
    const edits = await ann.board.settled(2);
    expect(edits.flatMap(({ failure }) => failure ?? [])).toEqual(failures);
    await expectConverged(server, ann, bob);
    expect(await server.table(CHANNEL)).toMatchObject([ends]);
  });
}

test('on a base server changes are shown, sent and received', async ({ newTab, server }) => {
  const clients: BoardClient[] = [];
  for (const sub of ['ann', 'bob']) {
    const tab = await newTab();
    await tab.client({ url: server.url('none') }, () => signToken({ sub }));
    const board = await BoardIn.open(tab, CHANNEL, { table: server.tableUrl(CHANNEL) });
    clients.push({ tab, board });
  }
  const [ann] = clients as [BoardClient, BoardClient];
  await ann.board.insert({ mark: 'a', title: 'first' });
  await ann.board.insert({ mark: 'b', title: 'first' });
  const edits = await ann.board.settled(2);
  expect(edits.map(({ outcome }) => outcome)).toEqual(['unconfirmed', 'unconfirmed']);
  // A base server acknowledges nothing: a change is stored some time after it was sent.
  await expect.poll(() => server.table(CHANNEL)).toMatchObject([{ mark: 'a' }, { mark: 'b' }]);
  await expectConverged(server, ...clients);
  await ann.board.update('a', { title: 'second' });
  await ann.board.remove('b');
  await ann.board.settled(4);
  await expect.poll(() => server.table(CHANNEL)).toMatchObject([{ mark: 'a', title: 'second' }]);
  await expectConverged(server, ...clients);
});
