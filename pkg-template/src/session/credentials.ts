/** Fetches the address and the token from the app. */
import type { ClientOptions, TokenAnswer } from '../options.js';
import { socketAddress } from './socket-url.js';

/** The address of the socket, and the app's own subprotocols. */
export interface Address {
  url: string;
  protocols: string[];
}

/** A token with its claims. Nothing is verified: the server does that. */
export interface Grant {
  token?: string;
  /** From `iat` to `exp`, in milliseconds. */
  claimedMs?: number | undefined;
  /** From now to `exp` or `expiresAt` by this device's clock, in milliseconds. */
  leftMs?: number | undefined;
  /** Its user, from `sub`. */
  subject?: string | undefined;
}

/** Times below this are seconds since 1970, as in JWTs; above, milliseconds. */
const SECONDS_BELOW = 1e11;
const toMs = (time: number): number => (time < SECONDS_BELOW ? time * 1000 : time);

/** Fetches the address. Rejects with the error that the app threw, or one that says what is wrong with the address. */
export async function fetchAddress(options: ClientOptions): Promise<Address> {
  const { url, protocols = [] } = options;
  const given = await (typeof url === 'function' ? url() : url);
  return { url: socketAddress(given, options).href, protocols: [...protocols].map(String) };
}

/** Fetches a token. Rejects with the error that the app threw, or one if the result is not a token. */
export async function fetchToken({ getToken }: ClientOptions): Promise<Grant> {
  return grantOf(await getToken?.());
}

/** Returns a token with its claims. */
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
    // Not a JWT: opaque tokens are allowed.
    return {};
  }
}
