/** A person's session at the demo's server: their client's options, and their REST sources. */
import type { ClientOptions } from 'tidewire';
import { rest, type Source } from 'tidewire/services';
import { requestToken, type Token } from '../realtime/token.ts';
import type { DemoPerson } from './person.ts';

/** In seconds. */
const TOKEN_LIFE_S = 600;

/** A token is not used for a request when it is about to end. In milliseconds. */
const MARGIN_MS = 30_000;

/** What the hooks and services of one person need. */
export interface DemoSession {
  readonly person: DemoPerson;
  /** For a client of their own. */
  readonly options: ClientOptions;
  /** Loads rows over REST; changes go over the channel, where they wait for a connection. */
  readonly carried: Source;
  /** Loads and stores rows over REST; without a network a change fails. */
  readonly stored: Source;
}

/** Creates a person's session. Nothing is requested from the server yet. */
export function createDemoSession(person: DemoPerson): DemoSession {
  let cached: Promise<Token> | undefined;
  const getToken = (): Promise<Token> => requestToken(person.id, TOKEN_LIFE_S);
  /** One token serves many requests. */
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
