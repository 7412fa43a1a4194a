/** Another user signs in, or this one signs out, while the server is away. */
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

const NOTES = 'notes';

test.use({
  serverOptions: { tables: { [NOTES]: { rows: [{ id: '1', title: 'one' }] } } },
});

for (const [name, next] of [
  ['another user', signToken({ sub: 'bob' })],
  ['no user', null],
] as const) {
  test(`setToken of ${name} while the server is down: rows, changes and presence are dropped in the same task`, async ({
    tab,
    server,
  }) => {
    await tab.client({ url: server.url() }, null);
    await tab.page.evaluate(
      ([token, table]) => {
        window.kit.client.setToken(token);
        window.kit.openBoard('notes', { table });
        window.kit.openRoom('notes');
        window.kit.room.channel.presence.track({ mood: 'fine' });
      },
      [signToken({ sub: 'ann' }), server.tableUrl(NOTES)] as const,
    );
    const report = () =>
      tab.page.evaluate(() => ({
        rows: window.kit.board('notes').report().rows.length,
        people: window.kit.room.report().state.length,
      }));
    await expect.poll(report).toEqual({ rows: 1, people: 1 });
    await server.kill();
    await tab.until('reconnecting');
    const seen = await tab.page.evaluate((token) => {
      const { client, room } = window.kit;
      const board = client.collection<{ id: string }>('notes', {});
      const change = board.insert({ id: '2' });
      change.promise.catch(() => {});
      const look = () => [board.items.length, board.pending.length, room.report().state.length];
      const events: string[] = [];
      board.on('change', ({ items }) => events.push(`change to ${items.length}`));
      client.on('channel', ({ channel, reason }) => events.push(`${channel}: ${reason}`));
      const before = look();
      client.setToken(token);
      const after = look();
      return { before, after, events, status: change.status };
    }, next);
    expect(seen.before).toEqual([expect.any(Number), 1, 1]);
    expect(seen.before[0]).toBeGreaterThan(0);
    expect(seen.after).toEqual([0, 0, 0]);
    expect(seen.status).toBe('failed');
    expect(seen.events).toContain('change to 0');
    expect(seen.events).toContain('notes: identity_changed');
    expect(await report()).toEqual({ rows: 0, people: 0 });
  });
}
