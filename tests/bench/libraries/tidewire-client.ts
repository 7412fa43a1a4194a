/** tidewire from its tarball, in the form that all its rows of the table share. */
import { type ClientOptions, createRealtimeClient } from 'tidewire';
import type { Dialect } from '../dialects/dialect.js';
import type { Client, Library, Payload } from './library.js';

/** The event of all messages, where messages have one. */
const event = 'chat';

/** More channels than any measurement has. */
const MAX_CHANNELS = 20_000;

export function tidewire(dialect: () => Dialect, options: ClientOptions): Library {
  return { dialect, connect: async (origin) => connect({ ...options, url: origin }) };
}

/** The options that all measurements of tidewire share. */
export function clientOptions(options: ClientOptions): ClientOptions {
  return {
    getToken: () => 'bench',
    maxChannels: MAX_CHANNELS,
    rejoin: MAX_CHANNELS,
    // The other libraries leave a channel at once.
    lingerMs: 0,
    ...options,
  };
}

function connect(options: ClientOptions): Client {
  const client = createRealtimeClient(clientOptions(options));
  const joining = new Map<string, () => void>();
  client.on('channel', ({ channel, state }) => {
    if (state !== 'ready') return;
    joining.get(channel)?.();
    joining.delete(channel);
  });
  return {
    subscribe(channel, receive) {
      const joined = new Promise<void>((resolve) => joining.set(channel, resolve));
      const end = client.subscribe<Payload>(channel, undefined, receive);
      return joined.then(() => ({ end }));
    },
    send: (channel, payload) => void client.send(channel, payload, { event, ack: false }),
    sendConfirmed: (channel, payload) => client.send(channel, payload, { event, ack: true }).acked,
    follow(name, onChange) {
      const joined = new Promise<void>((resolve) => joining.set(name, resolve));
      const { presence } = client.channel(name);
      for (const change of ['join', 'update', 'leave'] as const) presence.on(change, onChange);
      return joined;
    },
  };
}
