/** Presence. */
import { expect } from 'vitest';
import { Inbox } from '../inbox.js';
import type { ChannelState } from '../peer.js';
import type { Table } from '../scenario.js';

const as = (key: string) => ({ presence: { key } });

export const presences: Table = {
  'two are present, one updates, one leaves': {
    frames: 'same',
    async play({ peer }) {
      const [one, two] = [peer().channel('room', as('ann')), peer().channel('room', as('bob'))];
      const synced = new Inbox<string>();
      one.onPresence(() => synced.add(JSON.stringify(one.present())));
      two.onPresence(() => {});
      await one.join();
      expect((await one.track({ n: 1 })).status).toBe('ok');
      await synced.until((state) => state === '{"ann":[{"n":1}]}');
      await two.join();
      await two.track({ n: 2 });
      await synced.until((state) => state === '{"ann":[{"n":1}],"bob":[{"n":2}]}');
      await two.track({ n: 3 });
      await synced.until((state) => state === '{"ann":[{"n":1}],"bob":[{"n":3}]}');
      expect((await two.untrack()).status).toBe('ok');
      await synced.until((state) => state === '{"ann":[{"n":1}]}');
    },
  },
  'a member whose socket is closed is no longer present': {
    frames: 'same',
    async play({ peer }) {
      const leaving = peer();
      const [one, two] = [peer().channel('room', as('ann')), leaving.channel('room', as('bob'))];
      const synced = new Inbox<string>();
      one.onPresence(() => synced.add(Object.keys(one.present()).join()));
      two.onPresence(() => {});
      await one.join();
      await two.join();
      await two.track({});
      await synced.until((keys) => keys === 'bob');
      await leaving.close();
      await synced.until((keys) => keys === '');
    },
  },
  'too many presence calls close the channel': {
    server: { supabase: { presenceCalls: 3 } },
    frames: 'free',
    async play({ peer, traits }) {
      const channel = peer({ timeoutMs: 300 }).channel('room', as('ann'));
      const [system, states] = [new Inbox<{ message: string }>(), new Inbox<ChannelState>()];
      channel.onPresence(() => {});
      channel.onSystem(system.add);
      channel.onState(states.add);
      await channel.join();
      for (const n of [1, 2, 3]) expect((await channel.track({ n })).status).toBe('ok');
      void channel.track({ n: 4 });
      await system.until(({ message }) => message === 'Client presence rate limit exceeded');
      if (traits.afterPolicyClose === 'stays closed') {
        await states.until((state) => state === 'closed');
      }
    },
  },
};
