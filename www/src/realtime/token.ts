/** Tokens from the demo's server, which signs one for anybody. */
import { identity } from './identity.ts';
import { record } from './journal.ts';

/** Asked for: short enough to watch a renewal on the open connection. In seconds. */
const TOKEN_LIFE_S = 120;

/** What the server answers; `expiresAt` is in milliseconds since 1970. */
export interface Token {
  token: string;
  expiresAt: number;
}

/**
 * Fetches a token for the present name.
 *
 * @throws Error when the server cannot be reached or refuses
 */
export async function fetchToken(): Promise<Token> {
  const query = new URLSearchParams({ user: identity.get(), ttl: String(TOKEN_LIFE_S) });
  const response = await fetch(`/demo/token?${query}`, { cache: 'no-store' });
  if (!response.ok) throw new Error(`The server gave no token (status ${response.status}).`);
  const token = (await response.json()) as Token;
  record('token', `Token fetched, valid for ${TOKEN_LIFE_S} s`);
  return token;
}
