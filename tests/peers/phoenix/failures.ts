/** Rejected joins, closed channels and lost sockets. */
import { expect } from 'vitest';
import { eventually, Inbox } from '../inbox.js';
import type { ChannelState } from '../peer.js';
import type { Table } from '../scenario.js';

export const failures: Table = {
  'a rejected join is retried': {
    frames: 'same',
    async play({ peer, server }) {
      await server.failJoins('phoenix', { topic: 'room:1', reason: 'not yet' });
      const channel = peer().channel('room:1');
      const states = new Inbox<ChannelState>();
      channel.onState(states.add);
      expect(await channel.join()).toEqual({ status: 'error', response: { reason: 'not yet' } });
      await states.until((state) => state === 'joined');
      expect((await channel.push('any', {})).status).toBe('ok');
    },
  },
  'a join of a topic without a handler is rejected as unmatched': {
    frames: 'free',
    async play({ peer }) {
      const channel = peer().channel('nowhere:1');
      const response = { reason: 'unmatched topic' };
      expect(await channel.join()).toEqual({ status: 'error', response });
    },
  },
  'a channel that crashes is rejoined': {
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('echo:1');
      const states = new Inbox<ChannelState>();
      channel.onState(states.add);
      await channel.join();
      void channel.push('crash', {});
      await states.until((state) => state === 'errored');
      await states.until((state) => state === 'joined');
      expect(await channel.push('echo', { a: 1 })).toEqual({ status: 'ok', response: { a: 1 } });
    },
  },
  'a channel the server closes stays closed': {
    frames: 'same',
    async play({ peer, server }) {
      const client = peer();
      const [closed, kept] = [client.channel('echo:1'), client.channel('echo:2')];
      const states = new Inbox<ChannelState>();
      closed.onState(states.add);
      await closed.join();
      await kept.join();
      void closed.push('stop', {});
      await states.until((state) => state === 'closed');
      expect((await kept.push('ok', {})).status).toBe('ok');
      expect((await server.joins('phoenix')).joins).toHaveLength(2);
    },
  },
  'a cut socket reconnects and rejoins its channels': {
    frames: 'same',
    async play({ peer, server }) {
      const client = peer();
      const states = new Inbox<ChannelState>();
      const channels = ['room:1', 'room:2'].map((topic) => client.channel(topic));
      for (const channel of channels) {
        await channel.join();
        channel.onState(states.add);
      }
      await server.fault('phoenix', { cut: true });
      for (const _ of channels) await states.until((state) => state === 'joined');
      for (const channel of channels) {
        expect((await channel.push('any', {})).status).toBe('ok');
      }
    },
  },
  'the client reconnects after the server disconnects or drains': {
    frames: 'same',
    async play({ peer, server, closes }) {
      const channel = peer().channel('room:1');
      const states = new Inbox<ChannelState>();
      await channel.join();
      channel.onState(states.add);
      await server.fault('phoenix', { disconnect: true });
      await states.until((state) => state === 'joined');
      await server.fault('phoenix', { drain: true });
      await states.until((state) => state === 'joined');
      expect(closes()).toEqual([1001, 1012]);
    },
  },
  'a heartbeat without a reply closes the socket': {
    frames: 'same',
    async play({ peer, server }) {
      const channel = peer({ heartbeatMs: 100 }).channel('room:1');
      const states = new Inbox<ChannelState>();
      await channel.join();
      channel.onState(states.add);
      await server.fault('phoenix', { silent: true });
      await states.until((state) => state === 'joined');
      // The old socket receives only now that it was left.
      await server.fault('phoenix', { silent: false });
    },
  },
  'a client that is closed for inactivity reconnects': {
    server: { phoenix: { idleTimeoutMs: 100, adapter: 'cowboy' } },
    frames: 'free',
    async play({ peer, closes }) {
      const channel = peer({ heartbeatMs: 60_000 }).channel('room:1');
      const states = new Inbox<ChannelState>();
      await channel.join();
      channel.onState(states.add);
      await states.until((state) => state === 'joined');
      expect(closes()[0]).toBe(1000);
    },
  },
  'the token is sent as a subprotocol, and not in the URL': {
    server: { anonymous: false },
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('room:1');
      expect((await channel.join()).status).toBe('ok');
    },
  },
  'an invalid token opens no socket': {
    server: { anonymous: false },
    frames: 'free',
    async play({ peer, server, closes }) {
      const client = peer({ token: 'made.up.token' });
      await eventually(() => closes().length > 1);
      expect(client.isConnected()).toBe(false);
      expect(await server.sockets('phoenix')).toEqual([]);
    },
  },
  'a crash removes presence, and the rejoin restores it': {
    frames: 'same',
    async play({ peer, server }) {
      const one = peer().channel('presence:r', { key: 'ann', meta: { n: 1 } });
      const synced = new Inbox<string>();
      one.onPresence(() => synced.add(Object.keys(one.present()).join()));
      await one.join();
      // Only now, so that the server's second socket is this one.
      const two = peer().channel('presence:r', { key: 'bob', meta: { n: 2 } });
      two.onPresence(() => {});
      await two.join();
      await synced.until((keys) => keys === 'ann,bob');
      const [, socket] = await server.sockets('phoenix');
      await server.fault('phoenix', { socket: socket?.id ?? '', crash: 'presence:r' });
      await synced.until((keys) => keys === 'ann');
      await synced.until((keys) => keys === 'ann,bob');
    },
  },
  'a delayed reply is received': {
    frames: 'same',
    async play({ peer, server }) {
      const channel = peer().channel('echo:1');
      await channel.join();
      await server.fault('phoenix', { delayMs: 150 });
      const start = performance.now();
      expect(await channel.push('echo', { a: 1 })).toEqual({ status: 'ok', response: { a: 1 } });
      expect(performance.now() - start).toBeGreaterThan(140);
    },
  },
};
