/** A page that subscribes and leaves: for the memory that channels take, and that is not freed after they are left. */
import { library } from 'library-under-test';
import type { Client, Subscription } from '../libraries/library.js';
import type { FakeSocket } from './fake-socket.js';
import { channelName } from './payload.js';

const { FakeSocket: Installed } = globalThis as unknown as { FakeSocket: typeof FakeSocket };

let client: Client | undefined;
let subscriptions: Subscription[] = [];

/** The callback that all channels share, so that it is no part of a channel's memory. */
const ignore = (): void => {};

function subscribe(count: number): Promise<Subscription[]> {
  const names = Array.from({ length: count }, (_, number) => channelName(number));
  return Promise.all(names.map((name) => (client as Client).subscribe(name, ignore)));
}

export const channels = {
  /** Connects, with one channel that stays. */
  async connect(): Promise<void> {
    Installed.shared.dialect = library.dialect();
    client = await library.connect('ws://127.0.0.1');
    await client.subscribe('permanent', ignore);
  },

  async subscribe(count: number): Promise<void> {
    subscriptions = await subscribe(count);
  },

  async leave(): Promise<void> {
    await Promise.all(subscriptions.map((subscription) => subscription.end()));
    subscriptions = [];
  },

  /** Subscribes to and leaves so many channels at a time, so many times. */
  async cycle(count: number, times: number): Promise<void> {
    for (let left = times; left > 0; left--) {
      const all = await subscribe(count);
      await Promise.all(all.map((subscription) => subscription.end()));
      // The server's answers to the leaves.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
};

export type Channels = typeof channels;

Object.assign(globalThis, { channels });
