/** Broadcasts, private channels and replays. */
import { expect } from 'vitest';
import { Inbox } from '../inbox.js';
import type { Table } from '../scenario.js';
import { token } from '../tokens.js';

const ECHO = { broadcast: { self: true, ack: true } };

export const broadcasts: Table = {
  'joins and leaves': {
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('room');
      expect((await channel.join()).status).toBe('ok');
      expect((await channel.leave()).status).toBe('ok');
    },
  },
  'a broadcast is echoed and acknowledged if the join requests it': {
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('room', ECHO);
      const received = new Inbox();
      channel.on('pos', received.add);
      await channel.join();
      expect((await channel.push('pos', { x: 1 })).status).toBe('ok');
      expect(received.all).toEqual([{ x: 1 }]);
    },
  },
  'a broadcast reaches the others in both versions': {
    frames: 'same',
    async play({ peer }) {
      const sender = peer().channel('room', { broadcast: { ack: true } });
      const [two, one] = [peer().channel('room'), peer({ vsn: '1.0.0' }).channel('room')];
      const [receivedBySender, receivedByTwo, receivedByOne] = [
        new Inbox(),
        new Inbox(),
        new Inbox(),
      ];
      sender.on('pos', receivedBySender.add);
      two.on('pos', receivedByTwo.add);
      one.on('pos', receivedByOne.add);
      for (const channel of [sender, two, one]) await channel.join();
      await sender.push('pos', { x: 1 });
      expect(await receivedByTwo.next()).toEqual({ x: 1 });
      expect(await receivedByOne.next()).toEqual({ x: 1 });
      // A broadcast of an older client is text for every receiver.
      await one.push('pos', { x: 2 });
      expect(await receivedByTwo.next()).toEqual({ x: 2 });
      expect(await receivedBySender.next()).toEqual({ x: 2 });
      expect(receivedBySender.all).toHaveLength(1);
    },
  },
  'raw bytes are delivered in version 2': {
    frames: 'same',
    async play({ peer }) {
      const [sender, reader] = [peer().channel('room', ECHO), peer().channel('room')];
      const received = new Inbox();
      reader.on('bytes', received.add);
      await sender.join();
      await reader.join();
      const bytes = Uint8Array.from([0, 1, 255]);
      expect((await sender.push('bytes', bytes.buffer)).status).toBe('ok');
      expect(new Uint8Array((await received.next()) as ArrayBuffer)).toEqual(bytes);
    },
  },
  'raw bytes sent over HTTP are received': {
    frames: 'same',
    async play({ peer, server }) {
      const channel = peer().channel('room');
      const received = new Inbox();
      channel.on('bytes', received.add);
      await channel.join();
      const bytes = Uint8Array.from([0, 1, 255]);
      const path = '/realtime/v1/api/broadcast/room/events/bytes';
      const answer = await fetch(server.origin + path, {
        method: 'POST',
        headers: { apikey: token('anon'), 'content-type': 'application/octet-stream' },
        body: bytes,
      });
      expect(answer.status).toBe(202);
      expect(new Uint8Array((await received.next()) as ArrayBuffer)).toEqual(bytes);
    },
  },
  'a broadcast sent over HTTP is received': {
    frames: 'same',
    async play({ peer, server }) {
      const channel = peer().channel('room');
      const received = new Inbox();
      channel.on('news', received.add);
      await channel.join();
      const messages = [{ topic: 'room', event: 'news', payload: { z: 1 } }];
      const answer = await fetch(`${server.origin}/realtime/v1/api/broadcast`, {
        method: 'POST',
        headers: { apikey: token('anon') },
        body: JSON.stringify({ messages }),
      });
      expect(answer.status).toBe(202);
      expect(await received.next()).toEqual({ z: 1 });
    },
  },
  'a join of a private channel without read permission is rejected': {
    frames: 'free',
    async play({ peer, server }) {
      const channel = peer({ token: token('anon') }).channel('room', { private: true });
      const answer = await channel.join();
      expect(answer.status).toBe('error');
      const { joins } = await server.joins('supabase');
      expect(joins[0]?.outcome).toContain('Unauthorized: You do not have permissions to read');
    },
  },
  'a rejected join delays the whole socket': {
    server: { supabase: { joinRejectionDelayMs: 400 } },
    frames: 'free',
    async play({ peer }) {
      const client = peer({ token: token('anon') });
      const open = client.channel('open', ECHO);
      await open.join();
      const rejected = client.channel('secret', { private: true }).join();
      const start = performance.now();
      expect((await open.push('x', {})).status).toBe('ok');
      expect(performance.now() - start).toBeGreaterThan(300);
      expect((await rejected).status).toBe('error');
    },
  },
  'a push without write permission gets no reply': {
    server: { supabase: { policies: [{ topic: 'notices', read: true, write: false }] } },
    frames: 'same',
    async play({ peer }) {
      const channel = peer({ timeoutMs: 300 }).channel('notices', { private: true, ...ECHO });
      const received = new Inbox();
      channel.on('x', received.add);
      expect((await channel.join()).status).toBe('ok');
      expect((await channel.push('x', {})).status).toBe('timeout');
      expect(received.all).toEqual([]);
    },
  },
  'a private and a public channel of one name receive separate messages': {
    frames: 'same',
    async play({ peer, server }) {
      const inside = peer().channel('room', { private: true });
      const outside = peer().channel('room');
      const [receivedInside, receivedOutside] = [new Inbox(), new Inbox()];
      inside.on('x', receivedInside.add);
      outside.on('x', receivedOutside.add);
      await inside.join();
      await outside.join();
      await server.send('room', 'x', { to: 'inside' }, true);
      await server.send('room', 'x', { to: 'outside' });
      expect(await receivedInside.next()).toMatchObject({ to: 'inside' });
      expect(await receivedOutside.next()).toMatchObject({ to: 'outside' });
      expect([...receivedInside.all, ...receivedOutside.all]).toHaveLength(2);
    },
  },
  'messages sent by the database are replayed, oldest first': {
    frames: 'same',
    async play({ peer, server }) {
      for (const n of [1, 2, 3]) await server.send('room', 'x', { n }, true);
      const replay = { since: Date.now() - 60_000, limit: 2 };
      const channel = peer().channel('room', { private: true, broadcast: { replay } });
      const received = new Inbox<{ n: number }>();
      channel.on('x', (payload) => received.add(payload as { n: number }));
      await channel.join();
      expect([(await received.next()).n, (await received.next()).n]).toEqual([2, 3]);
    },
  },
  'a message that is too large is rejected': {
    server: { supabase: { maxPayloadBytes: 1_000 } },
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('room', ECHO);
      await channel.join();
      expect((await channel.push('x', { text: 'x'.repeat(2_000) })).status).toBe('error');
      expect((await channel.push('x', { text: 'x' })).status).toBe('ok');
    },
  },
};
