/** Rows that two people change at once: shown before the server knows, and in the end what the server has. */
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

interface Desk {
  tab: Tab;
  board: BoardIn;
}

/** Somebody with the board open. */
async function sitDown(
  tab: Tab,
  server: ReferenceServer,
  sub: string,
  options: Parameters<typeof BoardIn.open>[2] = {},
): Promise<Desk> {
  await tab.client(
    { url: server.url(), reconnect: { baseMs: 20, maxMs: 200 }, visibility: { pauseAfterMs: 0 } },
    () => signToken({ sub }),
  );
  const board = await BoardIn.open(tab, CHANNEL, { table: server.tableUrl(CHANNEL), ...options });
  return { tab, board };
}

/** Every client shows the rows of the server, and none was ever shown a row twice. */
async function expectAgreement(server: ReferenceServer, ...desks: Desk[]): Promise<void> {
  const stored = await server.table(CHANNEL);
  for (const { board } of desks) {
    await expect.poll(() => board.rows()).toEqual(stored);
    const { faults, pending, isLoading } = await board.report();
    expect({ faults, pending, isLoading }).toEqual({ faults: [], pending: 0, isLoading: false });
  }
}

test('two clients change one board at random through cuts: both converge to the server, and nothing is shown twice', async ({
  newTab,
  server,
}) => {
  const random = new Random(takeSeed());
  const desks = [
    await sitDown(await newTab(), server, 'ann'),
    await sitDown(await newTab(), server, 'bob'),
  ];
  for (const [n, { board }] of desks.entries()) {
    await board.scribble(`${n}`, random.below(1_000_000), EDITS, EVERY_MS);
  }
  for (let cut = 1; cut <= CUTS; cut++) {
    const { board } = random.pick(desks);
    const due = ((cut - random.next()) * EDITS) / (CUTS + 1);
    await expect.poll(async () => (await board.report()).edits.length).toBeGreaterThan(due);
    const [connection] = random.shuffled(await server.openConnections());
    const fault = random.pick([{ drop: true }, { close: 1012 }, { dropAfterAccept: true }]);
    // It may have ended meanwhile, which is as good.
    if (connection) await server.faults({ connection: connection.id, ...fault }).catch(() => {});
  }
  const confirmed: Edit[] = [];
  for (const { board } of desks) {
    const edits = await board.settled(EDITS);
    confirmed.push(...edits.filter(({ outcome }) => outcome === 'confirmed'));
    for (const { kind, title, failure } of edits) {
      if (title?.includes('forbidden'))
        expect(failure).toMatch(/^(invalid|not_found|dependency_failed)$/);
      // The other one was quicker, or took back what this one built on.
      else if (kind === 'insert') expect(failure).toBeUndefined();
      else expect([undefined, 'not_found', 'dependency_failed']).toContain(failure);
    }
  }
  await expectAgreement(server, ...desks);
  const applied = (await server.log(CHANNEL)).map(({ id }) => id);
  expect(applied.toSorted()).toEqual(confirmed.map(({ mutation }) => mutation).toSorted());
  expect((await server.stats()).opened).toBeGreaterThan(desks.length);
  for (const { board } of desks) expect((await board.report()).loads, 'no gap').toBe(1);
});

test('a rejected change is rolled back alone; other changes of its row stay', async ({
  newTab,
  server,
}) => {
  const [ann, bob] = [
    await sitDown(await newTab(), server, 'ann'),
    await sitDown(await newTab(), server, 'bob'),
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
  // What the server stored last is shown within a window of `batchMs`.
  await expect
    .poll(received)
    .toEqual(['first ', 'second ', 'a forbidden word ', 'a forbidden word text', 'second text']);
  await expectAgreement(server, ann, bob);
});

test('changes of a rejected row fail with dependency_failed', async ({ tab, server }) => {
  const ann = await sitDown(tab, server, 'ann');
  await ann.tab.offline();
  await ann.board.insert({ mark: 'a', title: 'a forbidden word' });
  await ann.board.update('a', { title: 'better' });
  await ann.tab.online();
  const edits = await ann.board.settled(2);
  expect(edits.map(({ failure }) => failure)).toEqual(['invalid', 'dependency_failed']);
  expect(await ann.board.rows()).toEqual([]);
});

test('a temporary key becomes the real one, in changes that were made to it too', async ({
  newTab,
  server,
}) => {
  const [ann, bob] = [
    await sitDown(await newTab(), server, 'ann'),
    await sitDown(await newTab(), server, 'bob'),
  ];
  await ann.tab.offline();
  const { mutation } = await ann.board.insert({ mark: 'a', title: 'first' });
  await ann.board.update('a', { title: 'second' });
  expect(await ann.board.rows()).toEqual([{ id: `tmp:${mutation}`, mark: 'a', title: 'second' }]);
  await ann.tab.online();
  for (const { outcome } of await ann.board.settled(2)) expect(outcome).toBe('confirmed');
  await expectAgreement(server, ann, bob);
  expect(await server.table(CHANNEL)).toMatchObject([{ mark: 'a', title: 'second', version: 2 }]);
  for (const { board } of [ann, bob]) {
    for (const { id } of await board.rows()) expect(id).not.toContain('tmp:');
  }
});

test('changes beyond the log are loaded after a reconnect', async ({ newTab, server }) => {
  const [ann, bob] = [
    await sitDown(await newTab(), server, 'ann'),
    await sitDown(await newTab(), server, 'bob'),
  ];
  for (const mark of ['a', 'b', 'c']) await ann.board.insert({ mark, title: mark });
  await ann.board.settled(3);
  await expectAgreement(server, ann, bob);
  await bob.tab.hide();
  await bob.tab.until('paused');
  await ann.board.remove('a');
  await ann.board.update('b', { title: 'changed' });
  await ann.board.insert({ mark: 'd', title: 'new' });
  await ann.board.settled(6);
  await server.trim(CHANNEL);
  await bob.tab.show();
  await expectAgreement(server, ann, bob);
  expect(await bob.board.report()).toMatchObject({ continuity: 'gap', loads: 2 });
  expect(await ann.board.report()).toMatchObject({ continuity: 'fresh', loads: 1 });
  // What had not changed was not shown anew.
  expect(await bob.board.history('c')).toHaveLength(1);
});

for (const first of ['the broadcast', 'the response'] as const) {
  test(`a change stored over HTTP is shown once, ${first} arriving first`, async ({
    newTab,
    server,
  }) => {
    const [ann, bob] = [
      await sitDown(await newTab(), server, 'ann', { overHttp: true }),
      await sitDown(await newTab(), server, 'bob', { overHttp: true }),
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
    await expectAgreement(server, ann, bob);
    const log = await server.log(CHANNEL);
    expect(log.map(({ id }) => id)).toEqual(edits.map((edit) => edit.mutation));
    expect(log[0]?.id).toBe(mutation);
    await ann.board.remove('a');
    await ann.board.settled(4);
    await expectAgreement(server, ann, bob);
    expect(await bob.board.rows()).toEqual([]);
  });
}

test('a change rejected over HTTP is rolled back', async ({ tab, server }) => {
  const ann = await sitDown(tab, server, 'ann', { overHttp: true });
  await ann.board.insert({ mark: 'a', title: 'first' });
  await ann.board.settled(1);
  await ann.board.update('a', { title: 'a forbidden word' });
  expect((await ann.board.settled(2)).map(({ failure }) => failure)).toEqual([
    undefined,
    'invalid',
  ]);
  await expectAgreement(server, ann);
});

for (const [conflict, theirs, ends, failures] of [
  ['server-wins', { title: 'theirs' }, { title: 'theirs', body: 'old' }, ['conflict']],
  ['merge', { title: 'theirs', body: 'theirs' }, { title: 'mine', body: 'theirs' }, []],
  ['client-wins', { title: 'theirs', body: 'theirs' }, { title: 'mine', body: 'old' }, []],
] as const) {
  test(`both changed the same field: ${conflict}`, async ({ newTab, server }) => {
    const options = { conflict, version: 'version' } as const;
    const [ann, bob] = [
      await sitDown(await newTab(), server, 'ann', options),
      await sitDown(await newTab(), server, 'bob', options),
    ];
    await ann.board.insert({ mark: 'a', title: 'old', body: 'old' });
    await ann.board.settled(1);
    await expectAgreement(server, ann, bob);
    await ann.tab.offline();
    await ann.board.update('a', { title: 'mine' });
    await bob.board.update('a', theirs);
    await bob.board.settled(1);
    await ann.tab.online();
    const edits = await ann.board.settled(2);
    expect(edits.flatMap(({ failure }) => failure ?? [])).toEqual(failures);
    await expectAgreement(server, ann, bob);
    expect(await server.table(CHANNEL)).toMatchObject([ends]);
  });
}

test('a base server: changes are shown, sent and received', async ({ newTab, server }) => {
  const desks: Desk[] = [];
  for (const sub of ['ann', 'bob']) {
    const tab = await newTab();
    await tab.client({ url: server.url('none') }, () => signToken({ sub }));
    const board = await BoardIn.open(tab, CHANNEL, { table: server.tableUrl(CHANNEL) });
    desks.push({ tab, board });
  }
  const [ann] = desks as [Desk, Desk];
  await ann.board.insert({ mark: 'a', title: 'first' });
  await ann.board.insert({ mark: 'b', title: 'first' });
  const edits = await ann.board.settled(2);
  expect(edits.map(({ outcome }) => outcome)).toEqual(['unconfirmed', 'unconfirmed']);
  // Nobody answers: what was handed over is stored when it is.
  await expect.poll(() => server.table(CHANNEL)).toMatchObject([{ mark: 'a' }, { mark: 'b' }]);
  await expectAgreement(server, ...desks);
  await ann.board.update('a', { title: 'second' });
  await ann.board.remove('b');
  await ann.board.settled(4);
  await expect.poll(() => server.table(CHANNEL)).toMatchObject([{ mark: 'a', title: 'second' }]);
  await expectAgreement(server, ...desks);
});
