/** A person's place at the demo's server: whom their client signs in as, and where their rows are. */
import type { ClientOptions } from 'tidewire';
import { rest, type Source } from 'tidewire/services';
import { requestToken, type Token } from '../realtime/token.ts';
import type { DemoPerson } from './person.ts';

/** In seconds. */
const TOKEN_LIFE_S = 600;

/** A token is not used for a request when it is about to end. In milliseconds. */
const MARGIN_MS = 30_000;

/** What the hooks and services of one person need. */
export interface Seat {
  readonly person: DemoPerson;
  /** For a client of their own. */
  readonly options: ClientOptions;
  /** Loads rows over REST; changes go over the channel, where they wait for a connection. */
  readonly carried: Source;
  /** Loads and stores rows over REST; without a network a change fails. */
  readonly stored: Source;
}

/** Gives a person a place. Nothing is asked of the server yet. */
export function seatOf(person: DemoPerson): Seat {
  let kept: Promise<Token> | undefined;
  const getToken = (): Promise<Token> => requestToken(person.id, TOKEN_LIFE_S);
  /** One token serves many requests. */
  const token = async (): Promise<string> => {
    const former = await kept?.catch(() => undefined);
    if (!former || former.expiresAt - MARGIN_MS < Date.now()) kept = getToken();
    return (await (kept as Promise<Token>)).token;
  };
  return {
    person,
    options: { getToken },
    carried: rest({ base: '/api', token, persist: false }),
    stored: rest({ base: '/api', token }),
  };
}
