/** centrifuge, the client of Centrifugo. */
import { Centrifuge, type Subscription } from 'centrifuge';
import { CentrifugeDialect } from '../dialects/centrifuge.js';
import type { Library } from './library.js';

export const library: Library = {
  dialect: () => new CentrifugeDialect(),
  async connect(origin) {
    const client = new Centrifuge(`${origin}/connection/websocket`);
    const channels = new Map<string, Subscription>();
    const connected = new Promise((resolve) => client.once('connected', resolve));
    client.connect();
    await connected;
    return {
      subscribe(name, receive) {
        const subscription = client.newSubscription(name);
        channels.set(name, subscription);
        subscription.on('publication', ({ data }) => receive(data));
        const end = () => {
          channels.delete(name);
          subscription.unsubscribe();
          client.removeSubscription(subscription);
        };
        return new Promise((joined) => {
          subscription.once('subscribed', () => joined({ end }));
          subscription.subscribe();
        });
      },
      send: (channel, payload) => void channels.get(channel)?.publish(payload),
      sendConfirmed: (channel, payload) => channels.get(channel)?.publish(payload),
    };
  },
};
