/** What goes wrong is shown as a toast, and logged. */
import { type LegacyAuth, legacyConfig } from '../index.js';

/** Shows and logs it. */
export function report(message: string, cause?: unknown): void {
  legacyConfig().notify({ type: 'error', message });
  console.error(`[tidewire/legacy/broadcast] ${message}`, ...(cause ? [cause] : []));
}

/** Whoever is signed in; if nobody is, that is shown. */
export function signedIn(): LegacyAuth | undefined {
  const auth = legacyConfig().auth.getSnapshot();
  if (auth) return auth;
  report('Sign in to do this.');
  return undefined;
}
