/** Pretends that the network is gone, to everything on the page that asks the browser. */
import { createStore } from '../realtime/store.ts';

/** Whether the page pretends to be offline. */
export const unplugged = createStore(false);

/** Takes the network away, or gives it back. */
export function simulateOffline(offline: boolean): void {
  if (offline === unplugged.get()) return;
  if (offline) {
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => false });
  } else {
    Reflect.deleteProperty(navigator, 'onLine');
  }
  unplugged.set(offline);
  window.dispatchEvent(new Event(offline ? 'offline' : 'online'));
}
