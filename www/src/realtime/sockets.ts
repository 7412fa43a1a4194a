/**
 * Counts the WebSockets that the page opens, independently of the
 * client. Install it before the client first connects.
 */
import { record } from './event-log.ts';
import { createStore } from './store.ts';

/** The sockets of this page. */
export interface SocketCount {
  readonly open: number;
  /** Since the page was loaded. */
  readonly opened: number;
}

const openSockets = new Set<WebSocket>();

/** The numbers of sockets that are open and that were opened. */
export const sockets = createStore<SocketCount>({ open: 0, opened: 0 });

/** Replaces the browser's `WebSocket` with one that counts. */
export function watchSockets(): void {
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('open', () => {
        openSockets.add(this);
        sockets.set({ open: openSockets.size, opened: sockets.get().opened + 1 });
        record('socket', 'A WebSocket opened');
      });
      this.addEventListener('close', ({ code, wasClean }) => {
        if (!openSockets.delete(this)) return;
        sockets.set({ ...sockets.get(), open: openSockets.size });
        record('socket', `The WebSocket closed (code ${code}${wasClean ? '' : ', not cleanly'})`);
      });
    }
  };
}

/** Closes the open sockets without the client's involvement. */
export function cutSockets(): void {
  for (const socket of openSockets) socket.close(4999, 'cut by the demo page');
}
