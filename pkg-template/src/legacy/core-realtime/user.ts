/** Who speaks, for those who are told. */
import { legacyConfig } from '../index.js';

/** Whom a JWT names; nothing is verified, the server has done that. */
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

/** The user, where the app or its token says who it is. */
export const userOf = (token: string | undefined): string | undefined =>
  subjectOf(token) ?? legacyConfig().auth.getSnapshot()?.user.id;
