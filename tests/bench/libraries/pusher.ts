/** pusher-js. It has no confirmation of a client's event. */
import Pusher from 'pusher-js';
import { PusherDialect } from '../dialects/pusher.js';
import type { Library } from './library.js';

export const library: Library = {
  dialect: () => new PusherDialect(),
  async connect(origin) {
    const { hostname, port } = new URL(origin);
    const client = new Pusher('bench', {
      cluster: 'bench',
      wsHost: hostname,
      wsPort: Number(port) || 80,
      forceTLS: false,
      enabledTransports: ['ws'],
    });
    return {
      subscribe(name, receive) {
        const channel = client.subscribe(name);
        channel.bind('client-chat', receive);
        const end = () => client.unsubscribe(name);
        return new Promise((joined) => {
          channel.bind('pusher:subscription_succeeded', () => joined({ end }));
        });
      },
      send: (channel, payload) => void client.send_event('client-chat', payload, channel),
    };
  },
};
