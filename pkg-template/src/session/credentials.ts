/** What only the app knows: the address before every connection, a token when one is needed. */
import type { ClientOptions, TokenAnswer } from '../options.js';
import { socketAddress } from './socket-url.js';

/** Where to connect, and with which subprotocols of the app's own. */
export interface Address {
  url: string;
  protocols: string[];
}

/** A token with what can be read of it. Nothing is verified: that is the server's work. */
export interface Grant {
  token?: string;
  /** From `iat` to `exp`, in milliseconds. */
  claimedMs?: number | undefined;
  /** From now to `exp` or `expiresAt` by this device's clock, in milliseconds. */
  leftMs?: number | undefined;
  /** Whom it names. */
  subject?: string | undefined;
}

/** Times below this are seconds since 1970, as JWTs have them; above, milliseconds. */
const SECONDS_BELOW = 1e11;
const toMs = (time: number): number => (time < SECONDS_BELOW ? time * 1000 : time);

/** Asks for the address. Rejects with what the app threw, or an Error that says what is wrong with it. */
export async function askAddress(options: ClientOptions): Promise<Address> {
  const { url, protocols = [] } = options;
  const given = await (typeof url === 'function' ? url() : url);
  return { url: socketAddress(given, options).href, protocols: [...protocols].map(String) };
}

/** Asks for a token. Rejects with what the app threw, or an Error if its answer is none. */
export async function askToken({ getToken }: ClientOptions): Promise<Grant> {
  return grantOf(await getToken?.());
}

/** What is known of a token. */
export function grantOf(answer: TokenAnswer): Grant {
  if (answer == null) return {};
  const { token, expiresAt } =
    typeof answer === 'string' ? { token: answer, expiresAt: undefined } : answer;
  if (typeof token !== 'string') {
    throw Error('getToken gave neither a string nor null nor { token }');
  }
  const { exp, iat, sub } = claimsOf(token);
  const end = expiresAt ?? exp;
  return {
    token,
    claimedMs: exp && iat && toMs(exp) - toMs(iat),
    leftMs: end && toMs(end) - Date.now(),
    subject: sub,
  };
}

function claimsOf(token: string): { exp?: number; iat?: number; sub?: string } {
  try {
    const [, claims = ''] = token.split('.');
    const { exp, iat, sub } = JSON.parse(
      atob(claims.replace(/-/g, '+').replace(/_/g, '/')),
    ) as Record<string, unknown>;
    return {
      ...(typeof exp === 'number' && { exp }),
      ...(typeof iat === 'number' && { iat }),
      ...(typeof sub === 'string' && { sub }),
    };
  } catch {
    // Not a JWT: opaque tokens are fine.
    return {};
  }
}
