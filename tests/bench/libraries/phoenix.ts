/** phoenix, the client of Phoenix Channels. */
import { type Channel, Presence, Socket } from 'phoenix';
import { PhoenixDialect } from '../dialects/phoenix.js';
import type { Library } from './library.js';

export const library: Library = {
  dialect: () => PhoenixDialect.phoenix(),
  async connect(origin) {
    const socket = new Socket(`${origin}/socket`);
    const channels = new Map<string, Channel>();
    socket.connect();
    return {
      subscribe(name, receive) {
        const channel = socket.channel(name);
        channels.set(name, channel);
        channel.on('chat', receive);
        const end = () => {
          channels.delete(name);
          channel.leave();
        };
        return new Promise((joined) => channel.join().receive('ok', () => joined({ end })));
      },
      send: (channel, payload) => channels.get(channel)?.push('chat', payload),
      sendConfirmed: (channel, payload) =>
        channels.get(channel)?.push('chat', payload).receive('ok', confirmed),
      follow(name, onChange) {
        const channel = socket.channel(name);
        new Presence(channel).onSync(onChange);
        return new Promise((joined) => channel.join().receive('ok', joined));
      },
    };
  },
};

function confirmed(): void {}
