/** Fetches tokens from the demo's server, which signs one for every user. */

import { record } from './event-log.ts';
import { identity } from './identity.ts';

/** Requested lifetime: short enough to watch a renewal on the open connection. In seconds. */
const TOKEN_LIFE_S = 120;

/** The server's response; `expiresAt` is in milliseconds since 1970. */
export interface Token {
  token: string;
  expiresAt: number;
}

/**
 * Requests a token for any user, valid for the given number of seconds.
 *
 * @throws Error when the server cannot be reached or rejects
 */
export async function requestToken(user: string, ttl: number): Promise<Token> {
  const query = new URLSearchParams({ user, ttl: String(ttl) });
  const response = await fetch(`/demo/token?${query}`, { cache: 'no-store' });
  if (!response.ok) throw new Error(`The server gave no token (status ${response.status}).`);
  return (await response.json()) as Token;
}

/**
 * Fetches a token for the current name.
 *
 * @throws Error when the server cannot be reached or rejects
 */
export async function fetchToken(): Promise<Token> {
  const token = await requestToken(identity.get(), TOKEN_LIFE_S);
  record('token', `Token fetched, valid for ${TOKEN_LIFE_S} s`);
  return token;
}
