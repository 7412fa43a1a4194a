/**
 * What is due later, on the page's clock: toasts that expire, boundaries that try again, statistics that are
 * gathered. It is done with the first tick after its time, so up to a second late, and not while the page is
 * hidden.
 */
import { clock } from '../../react/index.js';

/** Takes a deadline back. */
export type Cancel = () => void;

interface Deadline {
  at: number;
  act: () => void;
}

const deadlines = new Set<Deadline>();
let stopLooking: (() => void) | undefined;

function rest(): void {
  if (deadlines.size) return;
  stopLooking?.();
  stopLooking = undefined;
}

function look(): void {
  const now = Date.now();
  const due = [...deadlines].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  for (const deadline of due) if (deadlines.delete(deadline)) deadline.act();
  rest();
}

/** Does it in so many milliseconds; on a server, never. */
export function after(delayMs: number, act: () => void): Cancel {
  if (typeof document === 'undefined') return () => {};
  const deadline = { at: Date.now() + delayMs, act };
  deadlines.add(deadline);
  stopLooking ??= clock.subscribe(look);
  return () => {
    deadlines.delete(deadline);
    rest();
  };
}
