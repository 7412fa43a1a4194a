/** socket.io-client: a channel is the name of an event. */
import { io } from 'socket.io-client';
import { JOIN, SocketIoDialect } from '../dialects/socket-io.js';
import type { Library } from './library.js';

export const library: Library = {
  dialect: () => new SocketIoDialect(),
  async connect(origin) {
    const socket = io(origin, { transports: ['websocket'] });
    const joined = new Set<string>();
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.on('connect', () => {
      for (const channel of joined) socket.emit(JOIN, channel);
    });
    return {
      async subscribe(channel, receive) {
        joined.add(channel);
        socket.on(channel, receive);
        const end = () => {
          joined.delete(channel);
          socket.off(channel, receive);
        };
        return new Promise((done) => socket.emit(JOIN, channel, () => done({ end })));
      },
      send: (channel, payload) => socket.emit(channel, payload),
      sendConfirmed: (channel, payload) => socket.emit(channel, payload, confirmed),
    };
  },
};

function confirmed(): void {}
