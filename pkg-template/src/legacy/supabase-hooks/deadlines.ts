/**
 * Delayed actions on the page's clock: the expiry of toasts, retries of error boundaries, batches of statistics. An
 * action runs at the first tick after its time, so up to a second late, and not while the page is hidden.
 */
import { clock } from '../../react/index.js';

export type Cancel = () => void;

/** Runs an action after a delay; on a server, never. */
export function after(delayMs: number, act: () => void): Cancel {
  if (typeof document === 'undefined') return () => {};
  const at = Date.now() + delayMs;
  let state: 'waiting' | 'over' = 'waiting';
  const stop = clock.subscribe(() => {
    if (state === 'over' || Date.now() < at) return;
    cancel();
    act();
  });
  const cancel = (): void => {
    state = 'over';
    stop();
  };
  return cancel;
}
