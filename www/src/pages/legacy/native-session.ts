/** Signs in at the reference server, for the legacy systems with a WebSocket of their own. */
import type { LegacyAuth } from 'tidewire/legacy';
import { requestToken } from '../../realtime/token.ts';
import { visitor } from './visitor.ts';

/** Long enough for a visit, because the legacy code does not renew its token. In seconds. */
const DAY_S = 86_400;

let session: Promise<LegacyAuth> | undefined;

/** The signed-in user, requested once. */
export function nativeSession(): Promise<LegacyAuth> {
  session ??= requestToken(visitor.id, DAY_S).then(({ token }) => ({
    user: { id: visitor.id },
    profile: { name: visitor.name, company_id: '1', avatar_url: null },
    session: { access_token: token },
  }));
  return session;
}
