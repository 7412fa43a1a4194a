/** Simulates a hidden tab for everything on the page. */
import { createStore } from '../realtime/store.ts';

/** Whether the page pretends to be hidden. */
export const hiding = createStore(false);

const real = Object.getOwnPropertyDescriptor(Document.prototype, 'hidden')?.get;

/** Whether the tab is actually hidden. */
export function isReallyHidden(): boolean {
  return real?.call(document) === true;
}

/** Hides the page, or shows it again. */
export function simulateHidden(hide: boolean): void {
  if (hide === hiding.get()) return;
  if (hide) {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
  } else {
    // Removes the overriding properties, so that the browser's own are visible again.
    Reflect.deleteProperty(document, 'hidden');
    Reflect.deleteProperty(document, 'visibilityState');
  }
  hiding.set(hide);
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}
