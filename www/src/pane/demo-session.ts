/** A user's session at the demo's server: the client's options, and the REST sources. */
import type { ClientOptions } from 'tidewire';
import { rest, type Source } from 'tidewire/services';
import { requestToken, type Token } from '../realtime/token.ts';
import type { DemoPerson } from './person.ts';

/** The requested lifetime of a token, in seconds. */
const TOKEN_LIFE_S = 600;

/** A token that expires within this time is not used for a request. In milliseconds. */
const MARGIN_MS = 30_000;

/** The configuration for the hooks and services of one user. */
export interface DemoSession {
  readonly person: DemoPerson;
  /** The options of the user's own client. */
  readonly options: ClientOptions;
  /** Loads rows over REST; changes are sent over the channel and are queued without a connection. */
  readonly carried: Source;
  /** Loads and stores rows over REST; without a network a change fails. */
  readonly stored: Source;
}

/** Creates a user's session. Nothing is requested from the server yet. */
export function createDemoSession(person: DemoPerson): DemoSession {
  let cached: Promise<Token> | undefined;
  const getToken = (): Promise<Token> => requestToken(person.id, TOKEN_LIFE_S);
  /** Reuses the token until shortly before it expires. */
  const token = async (): Promise<string> => {
    const former = await cached?.catch(() => undefined);
    if (!former || former.expiresAt - MARGIN_MS < Date.now()) cached = getToken();
    return (await (cached as Promise<Token>)).token;
  };
  return {
    person,
    options: { getToken },
    carried: rest({ base: '/api', token, persist: false }),
    stored: rest({ base: '/api', token }),
  };
}
