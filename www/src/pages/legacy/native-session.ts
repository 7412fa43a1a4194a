/** Signs in at the reference server, for the older systems that spoke over a WebSocket of their own. */
import type { LegacyAuth } from 'tidewire/legacy';
import { requestToken } from '../../realtime/token.ts';
import { visitor } from './visitor.ts';

/** As long as a page may be looked at: the older code had its token from elsewhere. In seconds. */
const DAY_S = 86_400;

let session: Promise<LegacyAuth> | undefined;

/** Who is signed in, asked once. */
export function nativeSession(): Promise<LegacyAuth> {
  session ??= requestToken(visitor.id, DAY_S).then(({ token }) => ({
    user: { id: visitor.id },
    profile: { name: visitor.name, company_id: '1', avatar_url: null },
    session: { access_token: token },
  }));
  return session;
}
