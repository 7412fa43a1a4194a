/** The current user. */
import { legacyConfig } from '../index.js';

/** Returns the subject of a JWT; nothing is verified, the server does that. */
function subjectOf(token: string | undefined): string | undefined {
  try {
    const claims = token?.split('.')[1] ?? '';
    const { sub } = JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/')));
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    // Not a JWT.
    return undefined;
  }
}

/** Returns the user of the token, or of the app's configuration. */
export const userOf = (token: string | undefined): string | undefined =>
  subjectOf(token) ?? legacyConfig().auth.getSnapshot()?.user.id;
