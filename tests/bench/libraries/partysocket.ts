/** partysocket, which is a WebSocket that reconnects, with a `Map` of channels of the bench's own. */
import { WebSocket as ReconnectingSocket } from 'partysocket';
import { PlainDialect } from '../dialects/plain.js';
import type { Library, Payload, Receive } from './library.js';

export const library: Library = {
  dialect: () => new PlainDialect(),
  async connect(origin) {
    const socket = new ReconnectingSocket(origin);
    const channels = new Map<string, Receive>();
    const join = (channel: string) => socket.send(JSON.stringify({ type: 'subscribe', channel }));
    const opened = new Promise<void>((resolve) => {
      socket.addEventListener('open', () => {
        for (const channel of channels.keys()) join(channel);
        resolve();
      });
    });
    socket.addEventListener('message', ({ data }) => {
      const { channel, payload } = JSON.parse(data) as { channel: string; payload: Payload };
      channels.get(channel)?.(payload);
    });
    await opened;
    return {
      async subscribe(channel, receive) {
        channels.set(channel, receive);
        join(channel);
        return { end: () => channels.delete(channel) };
      },
      send: (channel, payload) =>
        socket.send(JSON.stringify({ type: 'message', channel, payload })),
    };
  },
};
