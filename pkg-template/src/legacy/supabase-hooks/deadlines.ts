/**
 * The one timer of this family: of toasts that expire, of boundaries that try again, of statistics that
 * are gathered.
 */

/** Takes a deadline back. */
export type Cancel = () => void;

interface Deadline {
  at: number;
  act: () => void;
}

/** The next one first. */
const deadlines: Deadline[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

function arm(): void {
  clearTimeout(timer);
  const [next] = deadlines;
  timer = next && setTimeout(run, Math.max(next.at - performance.now(), 0));
}

function run(): void {
  const now = performance.now();
  while (deadlines[0] && deadlines[0].at <= now) deadlines.shift()?.act();
  arm();
}

/** Does it in so many milliseconds. */
export function after(delayMs: number, act: () => void): Cancel {
  const deadline = { at: performance.now() + delayMs, act };
  const later = deadlines.findIndex(({ at }) => at > deadline.at);
  deadlines.splice(later < 0 ? deadlines.length : later, 0, deadline);
  if (deadlines[0] === deadline) arm();
  return () => {
    const at = deadlines.indexOf(deadline);
    if (at < 0) return;
    deadlines.splice(at, 1);
    if (at === 0) arm();
  };
}
