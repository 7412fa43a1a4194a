/**
 * Counts the WebSockets that the page really opens, independently of the
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

const alive = new Set<WebSocket>();

/** How many sockets there are and were. */
export const sockets = createStore<SocketCount>({ open: 0, opened: 0 });

/** Puts a counting WebSocket in place of the browser's own. */
export function watchSockets(): void {
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('open', () => {
        alive.add(this);
        sockets.set({ open: alive.size, opened: sockets.get().opened + 1 });
        record('socket', 'A WebSocket opened');
      });
      this.addEventListener('close', ({ code, wasClean }) => {
        if (!alive.delete(this)) return;
        sockets.set({ ...sockets.get(), open: alive.size });
        record('socket', `The WebSocket closed (code ${code}${wasClean ? '' : ', not cleanly'})`);
      });
    }
  };
}

/** Closes the open sockets without the client's involvement. */
export function cutSockets(): void {
  for (const socket of alive) socket.close(4999, 'cut by the demo page');
}
