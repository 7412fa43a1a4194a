/** Loads the lazy chunks, with retries. */
import type { CoreModule, FacadeState } from './client-state.js';
import { RealtimeError } from './errors.js';
import type { ClientOptions } from './options.js';
import { importCore, importInline } from './sources.js';
import { warn } from './warn.js';

/** The error for an engine that is not available. */
const unavailable = (why: unknown, hint: string, cause?: unknown): RealtimeError =>
  new RealtimeError('engine_unavailable', `The engine cannot start: ${why}`, hint, {
    retryable: true,
    cause,
  });

/** Whether there is a page; on a server there is none, and nothing is loaded. */
export const isPage = (): boolean => typeof document !== 'undefined';

/** Returns the error for a call that needs a page, and prints it as a warning: the call does nothing. */
export function noPage(options: ClientOptions): RealtimeError {
  const error = unavailable('there is no page.', 'Call it in the browser.');
  warn(error, options);
  return error;
}

/**
 * Loads both chunks in parallel, since one after the other would cost another round trip: first the small one, which begins
 * to connect the client, if there is one; with its option `wasm` the other one only if that fails. The first item of the
 * result opens the client's session.
 */
export const load = (facade?: FacadeState): Promise<[() => Promise<void>, unknown]> =>
  Promise.all([
    (importCore() as Promise<CoreModule>).then((core) => core.prepare(importInline, facade)),
    facade?.options.wasm ? undefined : importInline(),
  ]);

/**
 * Loads the engine before the first call that needs it. Nothing is connected. A failure has no effect: the first call
 * tries again. Does nothing where there is no page.
 */
export const preload = (): void => {
  if (isPage()) load().catch(() => {});
};

/** The error for chunks that could not be loaded. */
export const notLoaded = (error: unknown): RealtimeError =>
  unavailable(error, 'Allow core*.js (CSP script-src), or reload.', error);

/** The functions that end the pauses between two attempts. */
const pauses = new Set<() => void>();

/** Ends all pauses: the next attempts are made at once. */
export function retryNow(): void {
  for (const end of pauses) end();
  pauses.clear();
}

/** Waits for a time that grows with the number of failures, or until the page or the network is back. */
export function pause(failures: number): Promise<void> {
  // Adding the same listener again has no effect.
  addEventListener('online', retryNow);
  document.addEventListener('visibilitychange', retryNow);
  return new Promise((end) => {
    pauses.add(end);
    // Random, so that pages that failed at the same time do not retry at the same time.
    setTimeout(retryNow, Math.min(250 * 4 ** failures, 15_000) * (1 + Math.random()));
  });
}
