/** The WebSocket messages that a page sends and receives; one may contain several frames. */
import type { Page } from '@playwright/test';

/** The messages of one socket. */
export interface Traffic {
  sent: (string | Buffer)[];
  received: (string | Buffer)[];
}

/** Records the traffic of each socket that the page opens from now on. */
export function watchSockets(page: Page): Traffic[] {
  const sockets: Traffic[] = [];
  page.on('websocket', (socket) => {
    const traffic: Traffic = { sent: [], received: [] };
    sockets.push(traffic);
    socket.on('framesent', ({ payload }) => traffic.sent.push(payload));
    socket.on('framereceived', ({ payload }) => traffic.received.push(payload));
  });
  return sockets;
}
