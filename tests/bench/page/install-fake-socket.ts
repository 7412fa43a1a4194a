/** The script that a page loads first where there is to be no network. */
import { FakeSocket } from './fake-socket.js';

Object.assign(globalThis, { WebSocket: FakeSocket, FakeSocket });
