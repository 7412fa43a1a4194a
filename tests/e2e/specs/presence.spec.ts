/** Presence and typing: emitted as differences, over reconnects too. */
import { ROOM, RoomIn } from '../support/room.js';
import type { ReferenceServer } from '../support/server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

/** Opens the room as a user. */
async function enter(
  tab: Tab,
  server: ReferenceServer,
  sub: string,
  features?: string,
): Promise<RoomIn> {
  await tab.client(
    {
      url: server.url(features),
      reconnect: { baseMs: 20, maxMs: 200 },
      visibility: { pauseAfterMs: 0 },
      lingerMs: 0,
    },
    () => signToken({ sub }),
  );
  return RoomIn.open(tab);
}

test('joins, changes and leaves are emitted, tab by tab', async ({ newTab, server }) => {
  const bob = await enter(await newTab(), server, 'bob');
  const desk = await enter(await newTab(), server, 'ann');
  const phone = await enter(await newTab(desk.tab), server, 'ann');

  await desk.send('track', { at: 'desk' });
  await expect.poll(() => bob.state()).toEqual({ ann: [{ at: 'desk' }] });
  await phone.send('track', { at: 'phone' });
  await expect.poll(() => bob.state()).toEqual({ ann: [{ at: 'desk' }, { at: 'phone' }] });
  await phone.send('update', { at: 'phone', mood: 'fine' });
  const both = { ann: [{ at: 'desk' }, { at: 'phone', mood: 'fine' }] };
  for (const room of [bob, desk, phone]) await expect.poll(() => room.state()).toEqual(both);
  await desk.untrack();
  await expect.poll(() => bob.state()).toEqual({ ann: [{ at: 'phone', mood: 'fine' }] });
  await phone.leave();
  await expect.poll(() => bob.state()).toEqual({});

  const received = (await bob.received()).filter(({ event }) => event !== 'sync');
  expect(received).toEqual([
    { event: 'join', key: 'ann', metas: [{ at: 'desk' }], changed: [{ at: 'desk' }] },
    {
      event: 'join',
      key: 'ann',
      metas: [{ at: 'desk' }, { at: 'phone' }],
      changed: [{ at: 'phone' }],
    },
    { event: 'update', key: 'ann', metas: both.ann, changed: [{ at: 'phone', mood: 'fine' }] },
    {
      event: 'leave',
      key: 'ann',
      metas: [{ at: 'phone', mood: 'fine' }],
      changed: [{ at: 'desk' }],
    },
    { event: 'leave', key: 'ann', metas: [], changed: [{ at: 'phone', mood: 'fine' }] },
  ]);
});

test('updates in quick succession are one frame per window, with the last one', async ({
  newTab,
  server,
}) => {
  const bob = await enter(await newTab(), server, 'bob');
  const ann = await enter(await newTab(), server, 'ann');
  await ann.send('track', { at: 0 });
  const sent = await ann.tab.page.evaluate(async () => {
    const { presence } = window.kit.room.channel;
    const updates = Array.from({ length: 50 }, (_, n) => presence.update({ at: n + 1 }).acked);
    return (await Promise.all(updates)).length;
  });
  expect(sent).toBe(50);
  await expect.poll(() => bob.state()).toEqual({ ann: [{ at: 50 }] });
  const frames = (await server.openConnections()).map(({ received }) => received.presence ?? 0);
  // The track, and one or two windows of updates.
  expect(Math.max(...frames)).toBeLessThan(5);
  expect(await bob.events()).not.toContain('leave ann');
});

test.describe('with a short grace period', () => {
  test.use({ serverOptions: { limits: { presenceGraceMs: 2_000 } } });

  test('a quick reconnect emits no leave, and a longer absence does', async ({
    newTab,
    server,
  }) => {
    const bob = await enter(await newTab(), server, 'bob');
    const ann = await enter(await newTab(), server, 'ann');
    const cora = await enter(await newTab(), server, 'cora');
    await ann.send('track', { at: 'desk' });
    await cora.send('track', { at: 'door' });
    await expect.poll(() => bob.state()).toEqual({ ann: [{ at: 'desk' }], cora: [{ at: 'door' }] });
    const of = async (user: string) =>
      (await server.openConnections()).find((connection) => connection.user === user);
    const former = await of('ann');
    await server.faults({ connection: former?.id ?? '', drop: true });
    // Ann's presence is tracked again without a call of the app.
    await expect.poll(async () => (await of('ann'))?.received.presence).toBe(1);
    await cora.tab.hide();
    // Cora's grace period ended after that of Ann's former connection.
    await expect.poll(() => bob.state()).toEqual({ ann: [{ at: 'desk' }] });
    expect(await bob.events()).toEqual(['join ann', 'join cora', 'leave cora']);
    await cora.tab.show();
    await expect
      .poll(() => bob.events())
      .toEqual([...['join ann', 'join cora', 'leave cora', 'join cora']]);
    expect(await bob.state()).toEqual({ ann: [{ at: 'desk' }], cora: [{ at: 'door' }] });
  });

  test('a reconnected client receives the difference', async ({ newTab, server }) => {
    const bob = await enter(await newTab(), server, 'bob');
    const [ann, cora, dan, eve] = [
      await enter(await newTab(), server, 'ann'),
      await enter(await newTab(), server, 'cora'),
      await enter(await newTab(), server, 'dan'),
      await enter(await newTab(), server, 'eve'),
    ];
    for (const room of [ann, cora, dan]) await room.send('track', { n: 1 });
    const before = { ann: [{ n: 1 }], cora: [{ n: 1 }], dan: [{ n: 1 }] };
    await expect.poll(() => bob.state()).toEqual(before);
    const received = (await bob.received()).length;
    await bob.tab.offline();
    await bob.tab.until('offline');
    await cora.send('update', { n: 2 });
    await dan.untrack();
    await eve.send('track', { n: 1 });
    expect(await bob.state(), 'the state is kept meanwhile').toEqual(before);
    await bob.tab.online();
    await expect
      .poll(() => bob.state())
      .toEqual({ ann: [{ n: 1 }], cora: [{ n: 2 }], eve: [{ n: 1 }] });
    const since = (await bob.received()).slice(received);
    expect(since[0]).toEqual({ event: 'sync' });
    expect(
      since
        .slice(1)
        .map(({ event, key }) => `${event} ${key}`)
        .toSorted(),
    ).toEqual([...['join eve', 'leave dan', 'update cora']]);
  });
});

test('typing is shown to the others until it stops or expires', async ({ newTab, server }) => {
  const [bob, ann] = [
    await enter(await newTab(), server, 'bob'),
    await enter(await newTab(), server, 'ann'),
  ];
  await ann.typing('start');
  await expect.poll(() => bob.who()).toEqual(['ann']);
  await ann.typing('stop');
  await expect.poll(() => bob.who()).toEqual([]);
  await ann.typing('start');
  await expect.poll(() => bob.who()).toEqual(['ann']);
  // A closed page sends no stop.
  await ann.tab.page.close();
  await expect.poll(() => bob.who()).toEqual([]);
  expect(await bob.typed()).toEqual([['ann'], [], ['ann'], []]);
});

test('typing is sent at a limited rate, expires, and is not shown to its own user', async ({
  newTab,
  server,
}) => {
  const [bob, ann] = [
    await enter(await newTab(), server, 'bob'),
    await enter(await newTab(), server, 'ann'),
  ];
  await ann.tab.page.evaluate(() => {
    for (let key = 0; key < 100; key++) window.kit.room.channel.typing.start();
  });
  await expect.poll(() => bob.who()).toEqual(['ann']);
  await expect.poll(() => bob.who()).toEqual([]);
  expect(await ann.typed()).toEqual([]);
  const frames = (await server.openConnections()).map(({ received }) => received.ephemeral ?? 0);
  // The start, perhaps a repetition, and the stop.
  expect(Math.max(...frames)).toBeLessThanOrEqual(3);
  expect(await server.log(ROOM)).toEqual([]);
});

test('ephemeral messages are not replayed after a reconnect', async ({ newTab, server }) => {
  const [bob, ann] = [
    await enter(await newTab(), server, 'bob'),
    await enter(await newTab(), server, 'ann'),
  ];
  await bob.tab.subscribe('a', ROOM);
  await bob.tab.hide();
  await bob.tab.until('paused');
  await ann.typing('start');
  await ann.tab.send('cursor', ROOM, { x: 1 }, { ephemeral: true, event: 'cursor' });
  await ann.tab.send('kept', ROOM, 'kept');
  await ann.tab.settled('kept');
  await bob.tab.show();
  await expect.poll(() => bob.tab.messages('a')).toEqual(['kept']);
  expect(await bob.who()).toEqual([]);
});

test('a server without extensions has no presence, but typing works', async ({
  newTab,
  server,
}) => {
  const [bob, ann] = [
    await enter(await newTab(), server, 'bob', 'none'),
    await enter(await newTab(), server, 'ann', 'none'),
  ];
  await expect(ann.send('track', { at: 'desk' })).rejects.toThrow(/no such feature/);
  await ann.typing('start');
  await expect.poll(() => bob.who()).toEqual(['ann']);
  await ann.typing('stop');
  await expect.poll(() => bob.who()).toEqual([]);
});
