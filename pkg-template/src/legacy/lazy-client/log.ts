/** The log of the lazy client: errors always, the rest only on localhost. */

const isLocal = (): boolean =>
  typeof location !== 'undefined' && ['localhost', '127.0.0.1'].includes(location.hostname);

export function log(...values: unknown[]): void {
  if (isLocal()) console.log('[LazyWS]', ...values);
}

export function logError(...values: unknown[]): void {
  console.error('[LazyWS]', ...values);
}
