/** The script that a page without a network loads first. */
import { FakeSocket } from './fake-socket.js';

Object.assign(globalThis, { WebSocket: FakeSocket, FakeSocket });
