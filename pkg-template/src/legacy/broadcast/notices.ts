/** Reports errors as toasts and in the log. */
import { type LegacyAuth, legacyConfig } from '../index.js';
import { callSafely } from '../listeners.js';

export function report(message: string, cause?: unknown): void {
  callSafely(legacyConfig().notify, { type: 'error', message });
  console.error(`[tidewire/legacy/broadcast] ${message}`, ...(cause ? [cause] : []));
}

/** Returns the signed-in user; shows an error if there is none. */
export function signedIn(): LegacyAuth | undefined {
  const auth = legacyConfig().auth.getSnapshot();
  if (auth) return auth;
  report('Sign in to do this.');
  return undefined;
}
