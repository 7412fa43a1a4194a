/** The log of the lazy client: errors always, the rest where the page is being developed. */

const isLocal = (): boolean =>
  typeof location !== 'undefined' && ['localhost', '127.0.0.1'].includes(location.hostname);

/** Says what happened. */
export function log(...words: unknown[]): void {
  if (isLocal()) console.log('[LazyWS]', ...words);
}

/** Says what went wrong. */
export function logError(...words: unknown[]): void {
  console.error('[LazyWS]', ...words);
}
