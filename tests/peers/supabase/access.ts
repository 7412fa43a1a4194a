/** Tokens and limits. */
import { expect } from 'vitest';
import { eventually, Inbox } from '../inbox.js';
import type { ChannelState } from '../peer.js';
import type { Table } from '../scenario.js';
import { token } from '../tokens.js';

const ACK = { broadcast: { ack: true } };

interface SystemMessage {
  status: string;
  message: string;
}

export const access: Table = {
  'a new token is accepted, and the database subscription is renewed': {
    frames: 'same',
    async play({ peer }) {
      const client = peer({ token: token('authenticated', 600, { n: 1 }) });
      const channel = client.channel('room', ACK);
      const system = new Inbox<SystemMessage>();
      channel.onChanges({ event: '*', schema: 'public', table: 'todos' }, () => {});
      channel.onSystem(system.add);
      await channel.join();
      await system.until(({ message }) => message === 'Subscribed to PostgreSQL');
      await client.setToken(token('authenticated', 600, { n: 2 }));
      await system.until(({ message }) => message === 'Subscribed to PostgreSQL');
      expect((await channel.push('x', {})).status).toBe('ok');
    },
  },
  'a channel stays joined when its replaced token expires': {
    frames: 'free',
    async play({ peer }) {
      const client = peer({ token: token('authenticated', 1) });
      const channel = client.channel('room', ACK);
      const states = new Inbox<ChannelState>();
      channel.onState(states.add);
      await channel.join();
      await client.setToken(token('authenticated', 600));
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect((await channel.push('x', {})).status).toBe('ok');
      expect(states.all).toEqual(['joined']);
    },
  },
  'an expired token closes the channel and not the socket': {
    frames: 'free',
    async play({ peer, server, traits, closes }) {
      const client = peer();
      const channel = client.channel('room');
      const [system, states] = [new Inbox<SystemMessage>(), new Inbox<ChannelState>()];
      channel.onSystem(system.add);
      channel.onState(states.add);
      await channel.join();
      await server.fault('supabase', { expireTokens: true });
      await system.until(({ message }) => message === 'Token has expired 0 seconds ago');
      if (traits.afterPolicyClose === 'stays closed') {
        await states.until((state) => state === 'closed');
        expect((await server.joins('supabase')).joins).toHaveLength(1);
      }
      expect(closes()).toEqual([]);
    },
  },
  'a rejected token closes the channel': {
    frames: 'free',
    async play({ peer, traits }) {
      const client = peer();
      const channel = client.channel('room');
      const [system, states] = [new Inbox<SystemMessage>(), new Inbox<ChannelState>()];
      channel.onSystem(system.add);
      channel.onState(states.add);
      await channel.join();
      const forged = `${token('authenticated').slice(0, -8)}AAAAAAAA`;
      await client.setToken(forged);
      await system.until(({ message }) => message === 'Failed to validate JWT signature');
      if (traits.afterPolicyClose === 'stays closed') {
        await states.until((state) => state === 'closed');
      }
    },
  },
  'a rejected key opens no socket, and subscribing fails with a reason': {
    frames: 'free',
    async play({ peer, server, closes }) {
      const client = peer({ token: token('anon', -5) });
      const { status, response } = await client.channel('room').join();
      expect([status, typeof response]).toEqual(['error', 'string']);
      await eventually(() => closes().length > 1);
      expect(await server.sockets('supabase')).toEqual([]);
    },
  },
  'subscribing and sending fail while the server is down': {
    frames: 'free',
    async play({ peer }) {
      // No server listens on port 9 (discard).
      const client = peer({ origin: 'http://127.0.0.1:9' });
      const channel = client.channel('room', ACK);
      expect((await channel.join()).status).toBe('error');
      const ended = await Promise.all([channel.push('x', {}, 200), channel.track({}, 200)]);
      for (const { status } of ended) expect(status).toMatch(/^(error|timeout)$/);
    },
  },
  'a member’s broadcast of any name is delivered only as a broadcast': {
    frames: 'free',
    async play({ peer }) {
      const [sender, listener] = [peer().channel('room', ACK), peer().channel('room', ACK)];
      const names = ['system', 'postgres_changes', 'presence', 'phx_close', '', '__proto__'];
      const [received, forged] = [
        new Inbox<[name: string, payload: unknown]>(),
        new Inbox<unknown>(),
      ];
      for (const name of names) listener.on(name, (payload) => received.add([name, payload]));
      listener.onSystem((message) => {
        if (message.message !== 'Subscribed to PostgreSQL') forged.add(message);
      });
      listener.onChanges({ event: '*', schema: 'public', table: 'todos' }, forged.add);
      await Promise.all([sender.join(), listener.join()]);
      for (const event of names) {
        const payload = { extension: 'system', status: 'error', message: `named ${event}` };
        expect((await sender.push(event, payload)).status).toBe('ok');
        const [name] = await received.until(
          ([, own]) => (own as typeof payload).message === payload.message,
        );
        expect(name).toBe(event);
      }
      expect(forged.all).toEqual([]);
    },
  },
  'too many messages close the listener, not the sender': {
    server: { supabase: { messagesPerSecond: 10, messageWindowMs: 1_000 } },
    frames: 'free',
    async play({ peer }) {
      const [sender, listener] = [peer().channel('room', ACK), peer().channel('room')];
      const system = new Inbox<SystemMessage>();
      listener.onSystem(system.add);
      await sender.join();
      await listener.join();
      for (let n = 0; n < 8; n += 1) expect((await sender.push('x', { n })).status).toBe('ok');
      await system.until(({ message }) => message === 'Too many messages per second');
      expect((await sender.push('x', {})).status).toBe('ok');
    },
  },
  'of a hundred and one channels the last is rejected': {
    frames: 'free',
    async play({ peer, server }) {
      const client = peer();
      const channels = Array.from({ length: 100 }, (_, n) => client.channel(`room ${n}`));
      const answers = await Promise.all(channels.map((channel) => channel.join()));
      expect(answers.every(({ status }) => status === 'ok')).toBe(true);
      await server.settings({ joinsPerSecond: 1_000 });
      expect((await client.channel('one more').join()).status).toBe('error');
      const { joins } = await server.joins('supabase');
      expect(joins.at(-1)?.outcome).toContain('ChannelRateLimitReached: Too many channels');
    },
  },
  'a hundred channels are rejoined within the limit after a cut': {
    frames: 'free',
    async play({ peer, server }) {
      const client = peer();
      const channels = Array.from({ length: 100 }, (_, n) => client.channel(`room ${n}`));
      await Promise.all(channels.map((channel) => channel.join()));
      // The limit counts the joins within one second.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await server.fault('supabase', { cut: true });
      await eventually(async () => (await server.joins('supabase')).joins.length >= 200);
      const { joins, mostPerSecond } = await server.joins('supabase');
      expect(joins.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      expect(mostPerSecond).toBeLessThanOrEqual(100);
    },
  },
  'too many joins within a second close the socket': {
    server: { supabase: { joinsPerSecond: 5 } },
    frames: 'free',
    async play({ peer, server, closes }) {
      const client = peer();
      for (let n = 0; n < 6; n += 1) void client.channel(`room ${n}`).join();
      await eventually(() => closes().length > 0);
      expect(closes()[0]).toBe(1001);
      const { joins } = await server.joins('supabase');
      expect(joins[5]?.outcome).toContain('ClientJoinRateLimitReached');
    },
  },
};
