/** The name of this page's user. */
import { createStore } from './store.ts';

const KEY = 'tidewire-demo-name';

/** The longest name the demo's server signs, in characters. */
export const LONGEST_NAME = 32;

function guest(): string {
  const [number = 0] = crypto.getRandomValues(new Uint16Array(1));
  return `guest-${100 + (number % 900)}`;
}

function remembered(): string {
  // Stored for this tab only, so that two tabs can be two users. Storage may be unavailable.
  try {
    return sessionStorage.getItem(KEY) ?? guest();
  } catch {
    return guest();
  }
}

/** The current name. */
export const identity = createStore(remembered());

/** Sets another name; an empty one is ignored. */
export function rename(wanted: string): void {
  const name = wanted.trim().slice(0, LONGEST_NAME);
  if (!name) return;
  identity.set(name);
  try {
    sessionStorage.setItem(KEY, name);
  } catch {
    // The name is then lost when the page is closed.
  }
}
