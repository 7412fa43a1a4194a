/** @supabase/realtime-js, as supabase-js uses it: broadcasts. The server's frames are text. */
import { type RealtimeChannel, RealtimeClient } from '@supabase/realtime-js';
import { PhoenixDialect } from '../dialects/phoenix.js';
import type { Library, Payload } from './library.js';

export const library: Library = {
  dialect: () => PhoenixDialect.supabase(),
  async connect(origin) {
    const client = new RealtimeClient(`${origin}/realtime/v1`, { params: { apikey: 'bench' } });
    const plain = new Map<string, RealtimeChannel>();
    const send = (channel: string, payload: Payload) =>
      plain.get(channel)?.send({ type: 'broadcast', event: 'chat', payload });
    return {
      subscribe(name, receive) {
        // Whether a channel's sends are confirmed is fixed when it is made.
        const ack = name.startsWith('confirmed-');
        const channel = client.channel(name, { config: { broadcast: { ack, self: true } } });
        plain.set(name, channel);
        channel.on('broadcast', { event: 'chat' }, ({ payload }) => receive(payload));
        const end = () => {
          plain.delete(name);
          return client.removeChannel(channel);
        };
        return new Promise((joined) => {
          channel.subscribe((status) => status === 'SUBSCRIBED' && joined({ end }));
        });
      },
      send,
      sendConfirmed: send,
      follow(name, onChange) {
        const channel = client.channel(name);
        channel.on('presence', { event: 'sync' }, onChange);
        return new Promise((joined) => {
          channel.subscribe((status) => status === 'SUBSCRIBED' && joined(channel));
        });
      },
    };
  },
};
