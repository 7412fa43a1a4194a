/** Lost sockets and channels. */
import { expect } from 'vitest';
import { Inbox } from '../inbox.js';
import type { ChannelState } from '../peer.js';
import type { Table } from '../scenario.js';

const ACK = { broadcast: { ack: true } };

export const recovery: Table = {
  'a cut socket reconnects and rejoins its channels': {
    frames: 'same',
    async play({ peer, server }) {
      const client = peer();
      const states = new Inbox<ChannelState>();
      const channels = ['one', 'two'].map((name) => client.channel(name, ACK));
      for (const channel of channels) {
        channel.onState(states.add);
        await channel.join();
        await states.until((state) => state === 'joined');
      }
      await server.fault('supabase', { cut: true });
      for (const _ of channels) await states.until((state) => state === 'joined');
      for (const channel of channels) expect((await channel.push('x', {})).status).toBe('ok');
    },
  },
  'a channel that crashes is rejoined': {
    frames: 'same',
    async play({ peer, server }) {
      const channel = peer().channel('room', ACK);
      const states = new Inbox<ChannelState>();
      channel.onState(states.add);
      await channel.join();
      await states.until((state) => state === 'joined');
      await server.fault('supabase', { crash: 'realtime:room' });
      await states.until((state) => state === 'errored');
      await states.until((state) => state === 'joined');
      expect((await channel.push('x', {})).status).toBe('ok');
    },
  },
  'a database subscription is live again after a cut': {
    frames: 'free',
    async play({ peer, server }) {
      const channel = peer().channel('room');
      const system = new Inbox<{ message: string }>();
      channel.onChanges({ event: '*', schema: 'public', table: 'todos' }, () => {});
      channel.onSystem(system.add);
      await channel.join();
      const live = () => system.until(({ message }) => message === 'Subscribed to PostgreSQL');
      await live();
      await server.fault('supabase', { cut: true });
      await live();
    },
  },
  'a join while the server is not ready is retried': {
    frames: 'free',
    async play({ peer, server }) {
      const reason = 'InitializingProjectConnection: Connecting to the project database';
      await server.failJoins('supabase', { reason });
      const channel = peer().channel('room', ACK);
      const states = new Inbox<ChannelState>();
      channel.onState(states.add);
      expect((await channel.join()).status).toBe('error');
      await states.until((state) => state === 'joined');
      expect((await channel.push('x', {})).status).toBe('ok');
    },
  },
  'the client reconnects after a server announces its shutdown': {
    frames: 'same',
    async play({ peer, server, closes }) {
      const channel = peer().channel('room', ACK);
      const [system, states] = [new Inbox<{ message: string }>(), new Inbox<ChannelState>()];
      channel.onSystem(system.add);
      channel.onState(states.add);
      await channel.join();
      await states.until((state) => state === 'joined');
      await server.fault('supabase', { drain: true });
      await system.until(({ message }) => message === 'Server requested disconnect');
      await states.until((state) => state === 'joined');
      expect(closes()).toEqual([1012]);
    },
  },
  'an idle socket closed with 1000 is reopened': {
    server: { supabase: { idleTimeoutMs: 200 } },
    frames: 'free',
    async play({ peer, closes }) {
      const channel = peer({ heartbeatMs: 60_000 }).channel('room', ACK);
      const states = new Inbox<ChannelState>();
      channel.onState(states.add);
      await channel.join();
      await states.until((state) => state === 'joined');
      await states.until((state) => state === 'joined');
      expect(closes()[0]).toBe(1000);
    },
  },
};
