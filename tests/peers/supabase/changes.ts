/** Database changes. */
import { expect } from 'vitest';
import { Inbox } from '../inbox.js';
import type { Change, PeerChannel } from '../peer.js';
import type { Table } from '../scenario.js';
import type { Server } from '../server.js';
import { token } from '../tokens.js';

const ALL = { event: '*', schema: 'public', table: 'todos' } as const;

/** Changes the table `todos` over REST. */
async function rest(server: Server, method: string, query: string, row?: object): Promise<void> {
  const answer = await fetch(`${server.origin}/rest/v1/todos${query}`, {
    method,
    headers: { apikey: token('service_role') },
    ...(row && { body: JSON.stringify(row) }),
  });
  if (!answer.ok) throw Error(`${method} ${query} answered ${await answer.text()}`);
}

/** Joins, and waits until the database subscription is live. */
async function live(channel: PeerChannel): Promise<void> {
  const system = new Inbox<{ message: string }>();
  channel.onSystem(system.add);
  await channel.join();
  await system.until(({ message }) => message === 'Subscribed to PostgreSQL');
}

export const changes: Table = {
  'inserted, updated and deleted rows are emitted': {
    frames: 'same',
    async play({ peer, server }) {
      const channel = peer().channel('room');
      const received = new Inbox<Change>();
      channel.onChanges(ALL, received.add);
      await live(channel);
      const row = { owner: 'ann', n: '1.50', tags: ['a'], data: { a: 1 }, at: '2026-01-01' };
      await rest(server, 'POST', '', row);
      const inserted = await received.next();
      expect(inserted).toMatchObject({
        eventType: 'INSERT',
        table: 'todos',
        new: { owner: 'ann', done: false, n: 1.5, tags: ['a'], data: { a: 1 }, title: null },
        old: {},
      });
      await rest(server, 'PATCH', '?owner=eq.ann', { done: true });
      expect(await received.next()).toMatchObject({
        eventType: 'UPDATE',
        new: { done: true },
        old: { done: false },
      });
      await rest(server, 'DELETE', '?owner=eq.ann');
      expect(await received.next()).toMatchObject({ eventType: 'DELETE', old: { owner: 'ann' } });
    },
  },
  'each of two filters of one channel receives its own changes': {
    frames: 'same',
    async play({ peer, server }) {
      const channel = peer().channel('room');
      const [anns, large] = [new Inbox<Change>(), new Inbox<Change>()];
      channel.onChanges({ ...ALL, event: 'INSERT', filter: 'owner=eq.ann' }, anns.add);
      channel.onChanges({ ...ALL, filter: 'n=gt.10' }, large.add);
      await live(channel);
      await rest(server, 'POST', '', { owner: 'ann', n: 1 });
      await rest(server, 'POST', '', { owner: 'bob', n: 11 });
      await rest(server, 'POST', '', { owner: 'bob', n: 2 });
      await rest(server, 'POST', '', { owner: 'ann', n: 12 });
      const owners = (inbox: Inbox<Change>) => inbox.all.map((change) => change.new.n);
      await anns.until((change) => change.new.n === 12);
      await large.until((change) => change.new.n === 12);
      expect([owners(anns), owners(large)]).toEqual([
        [1, 12],
        [11, 12],
      ]);
    },
  },
  'a change listener added after joining receives changes, or throws': {
    frames: 'free',
    async play({ peer, server, traits }) {
      const channel = peer().channel('room');
      const received = new Inbox<Change>();
      await channel.join();
      if (traits.lateChanges === 'throws') {
        expect(() => channel.onChanges(ALL, received.add)).toThrow();
        return;
      }
      const system = new Inbox<{ message: string }>();
      channel.onSystem(system.add);
      channel.onChanges(ALL, received.add);
      await system.until(({ message }) => message === 'Subscribed to PostgreSQL');
      await rest(server, 'POST', '', { owner: 'ann' });
      expect(await received.next()).toMatchObject({ eventType: 'INSERT' });
    },
  },
  'a filter on an unknown column is reported, and the channel stays joined': {
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('room', { broadcast: { ack: true } });
      const system = new Inbox<{ status: string; message: string }>();
      channel.onChanges({ ...ALL, filter: 'nope=eq.1' }, () => {});
      channel.onSystem(system.add);
      await channel.join();
      const { message } = await system.until(({ status }) => status === 'error');
      expect(message).toContain('invalid column for filter nope');
      expect((await channel.push('x', {})).status).toBe('ok');
    },
  },
  'no change is emitted while the database is down, and later changes are': {
    frames: 'same',
    async play({ peer, server }) {
      const channel = peer().channel('room', { broadcast: { ack: true } });
      const received = new Inbox<Change>();
      channel.onChanges(ALL, received.add);
      await live(channel);
      await rest(server, 'POST', '', { owner: 'ann' });
      await received.next();
      await server.database(false);
      expect((await channel.push('x', {})).status).toBe('ok');
      await expect(rest(server, 'POST', '', { owner: 'bob' })).rejects.toThrow();
      await server.database(true);
      await rest(server, 'POST', '', { owner: 'cai' });
      expect((await received.next()).new.owner).toBe('cai');
    },
  },
};
