/** Joining, pushes and broadcasts. */
import { expect } from 'vitest';
import { Inbox } from '../inbox.js';
import type { Table } from '../scenario.js';

export const messages: Table = {
  'joins, pushes and leaves': {
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('echo:1', { hello: 1 });
      const joined = await channel.join();
      expect(joined.status).toBe('ok');
      const payload = { x: [1, 'é', null] };
      expect(await channel.push('echo', payload)).toEqual({ status: 'ok', response: payload });
      const rejected = await channel.push('error', payload);
      expect(rejected.status).toBe('error');
      expect(joined.response).toMatchObject({ echo: { hello: 1 }, topic: 'echo:1' });
      expect(rejected.response).toEqual(payload);
      expect(await channel.leave()).toMatchObject({ status: 'ok' });
    },
  },
  'a push without a reply times out': {
    frames: 'same',
    async play({ peer }) {
      const channel = peer({ timeoutMs: 300 }).channel('echo:1');
      await channel.join();
      expect((await channel.push('noreply', {})).status).toBe('timeout');
      expect(await channel.push('slow', { ms: 20 })).toMatchObject({ status: 'ok' });
    },
  },
  'broadcast reaches every member, broadcast_from every other member': {
    frames: 'same',
    async play({ peer }) {
      const [one, two] = [peer().channel('echo:1'), peer().channel('echo:1')];
      const [receivedByOne, receivedByTwo] = [new Inbox(), new Inbox()];
      one.on('shout', receivedByOne.add);
      two.on('shout', receivedByTwo.add);
      await one.join();
      await two.join();
      await one.push('shout', { m: 1 });
      await one.push('shout_from', { m: 2 });
      await receivedByTwo.until((received) => (received as { m: number }).m === 2);
      expect(receivedByOne.all).toEqual([{ m: 1 }]);
      expect(receivedByTwo.all).toEqual([{ m: 1 }, { m: 2 }]);
    },
  },
  'a message that the server pushes arrives before its reply': {
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('echo:1');
      const pushed = new Inbox();
      channel.on('pushed', pushed.add);
      await channel.join();
      await channel.push('push_me', { p: 1 });
      expect(pushed.all).toEqual([{ p: 1 }]);
    },
  },
  'binary messages are sent and received': {
    frames: 'same',
    async play({ peer }) {
      const channel = peer().channel('echo:bin');
      const shouted = new Inbox<ArrayBuffer>();
      channel.on('shout_binary', (data) => shouted.add(data as ArrayBuffer));
      await channel.join();
      const data = Uint8Array.from([1, 2, 3, 255]);
      const { status, response } = await channel.push('shout_binary', data.buffer);
      expect(status).toBe('ok');
      expect(Buffer.from(response as ArrayBuffer).toString()).toBe('len=4');
      expect(new Uint8Array(await shouted.next())).toEqual(data);
    },
  },
  'two are present, one updates, one leaves': {
    frames: 'same',
    async play({ peer }) {
      const one = peer().channel('presence:r', { key: 'ann', meta: { n: 1 } });
      const two = peer().channel('presence:r', { key: 'bob', meta: { n: 2 } });
      const synced = new Inbox<string>();
      one.onPresence(() => synced.add(JSON.stringify(one.present())));
      two.onPresence(() => {});
      await one.join();
      await synced.until((state) => state === '{"ann":[{"n":1}]}');
      await two.join();
      await synced.until((state) => state === '{"ann":[{"n":1}],"bob":[{"n":2}]}');
      await two.track({ n: 3 });
      await synced.until((state) => state === '{"ann":[{"n":1}],"bob":[{"n":3}]}');
      expect(two.present()).toEqual(one.present());
      await two.leave();
      await synced.until((state) => state === '{"ann":[{"n":1}]}');
    },
  },
};
