/** What really went over a page's sockets: WebSocket messages, not frames. */
import type { Page } from '@playwright/test';

/** The messages of one socket. */
export interface Traffic {
  sent: (string | Buffer)[];
  received: (string | Buffer)[];
}

/** Takes down the traffic of each socket the page opens from now on. */
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
