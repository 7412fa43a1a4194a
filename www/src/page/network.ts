/** Simulates a missing network for everything on the page. */
import { createStore } from '../realtime/store.ts';

/** Whether the page pretends to be offline. */
export const unplugged = createStore(false);

/** Turns the simulated outage on or off. */
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
