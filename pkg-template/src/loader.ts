/** Loads what starts the engine, again and again as long as it is needed. */
import type { CoreModule, FacadeLedger } from './client-state.js';
import { RealtimeError } from './errors.js';
import type { ClientOptions } from './options.js';
import { importCore, importInline } from './sources.js';
import { warn } from './warn.js';

/** The error for an engine that cannot be had. */
const unavailable = (why: unknown, hint: string, cause?: unknown): RealtimeError =>
  new RealtimeError('engine_unavailable', `The engine cannot start: ${why}`, hint, {
    retryable: true,
    cause,
  });

/** On a server there is no page whose demand could be served. */
export const isPage = (): boolean => typeof document !== 'undefined';

/** The error for what needs a page, which is a warning as well: the call does nothing. */
export function noPage(options: ClientOptions): RealtimeError {
  const error = unavailable('there is no page.', 'Call it in the browser.');
  warn(error, options);
  return error;
}

/**
 * Loads the engine and gives it to a client. Both chunks come at once, since one after the other would cost
 * another round trip; with the option `wasm` the second only if that fails.
 */
export async function openCore(ledger: FacadeLedger): Promise<void> {
  const inline = ledger.options.wasm ? undefined : importInline();
  const [core] = await Promise.all([importCore() as Promise<CoreModule>, inline]);
  await core.open(ledger, importInline);
}

/** The error for chunks that could not be loaded. */
export const notLoaded = (error: unknown): RealtimeError =>
  unavailable(
    error,
    'Let the page load core.js and core-inline.js (CSP script-src), or reload it.',
    error,
  );

/** Ends the waits between two attempts. */
const pauses = new Set<() => void>();

/** Lets all who wait try at once. */
export function hurry(): void {
  for (const end of pauses) end();
  pauses.clear();
}

/** Waits after so many failures, or until the page or the network comes back. */
export function pause(failures: number): Promise<void> {
  // Added again, they are still one.
  addEventListener('online', hurry);
  document.addEventListener('visibilitychange', hurry);
  return new Promise((end) => {
    pauses.add(end);
    // Pages that failed together do not come back together.
    setTimeout(hurry, Math.min(250 * 4 ** failures, 15_000) * (1 + Math.random()));
  });
}
