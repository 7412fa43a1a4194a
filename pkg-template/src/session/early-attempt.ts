/**
 * Begins the first attempt to connect while the engine is being loaded. The engine still decides: it uses the token, the
 * address and the socket of the early attempt only where it would request the same, and a socket that could not be opened
 * counts as its own first attempt. Its deadline for the connection begins when it takes the socket over.
 */
import type { ClientState } from '../client-state.js';
import {
  CLIENT_OPTIONS,
  DEFAULT_AUTH,
  NATIVE_PATH,
  OFFERED_IN,
  TOKEN_SUBPROTOCOL,
} from '../generated/engine.js';
import type { ClientOptions, TokenAnswer } from '../options.js';
import { type Address, fetchAddress, fetchToken, textOf } from './credentials.js';
import { openEarly } from './sockets.js';

/** What the app has answered, or will, until the engine requests it. */
interface Answers {
  token?: Promise<TokenAnswer> | undefined;
  address?: Promise<Address> | undefined;
}

/** The early attempt of a client. */
interface EarlyAttempt {
  answers: Answers;
  /** Whether the client has the same options and the same token by `setToken` as at the beginning. */
  isCurrent(): boolean;
  /** Ends it: a socket that the engine did not take over is closed. */
  end(): void;
}

/** Options that the facade has checked, or that are not the engine's. */
const CHECKED = /^(url|protocol|getToken|wasm|logger|debug)$/;

/** Options of the engine that are not numbers, and are rare. */
const RARE = /^(vsn|identity|protocols|apiKey|exactNumbers)$/;

/** Whether a value is valid for every option that is a number. */
const isNumber = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 1;

/** Whether the engine accepts an option for certain. Of others that are valid, such as a 0, that is not known here. */
function isAccepted([name, value]: [name: string, value: unknown]): boolean {
  const isObject = typeof value === 'object' && value !== null;
  if (value === undefined || CHECKED.test(name)) return true;
  if (name === 'auth') return OFFERED_IN.has(value) || value === 'message' || value === 'none';
  if (name === 'params') return isObject;
  // A group: all of its options are numbers, except `caps`.
  if (CLIENT_OPTIONS[name as keyof ClientOptions]) {
    return isObject && !('caps' in value) && Object.values(value).every(isNumber);
  }
  return !RARE.test(name) && isNumber(value);
}

const attempts = new WeakMap<ClientState, EarlyAttempt>();

/** Removes and returns an answer of the client's early attempt, which ends if it is of no use any more. */
function take<Name extends keyof Answers>(client: ClientState, name: Name): Answers[Name] {
  const attempt = attempts.get(client);
  if (!attempt?.isCurrent()) {
    attempt?.end();
    return undefined;
  }
  const answer = attempt.answers[name];
  delete attempt.answers[name];
  return answer;
}

/** Returns the app's answer for a request of the engine: the first time that of the early attempt. */
export const tokenFor = (client: ClientState): Promise<TokenAnswer> =>
  take(client, 'token') ?? fetchToken(client.options);

/** Returns the address for a request of the engine: the first time that of the early attempt. */
export const addressFor = (client: ClientState, defaultPath: string): Promise<Address> =>
  take(client, 'address') ?? fetchAddress(client.options, defaultPath);

/**
 * Begins the early attempt of a client, if it has none: on a visible page with a network, and with the native protocol, which
 * adds nothing to the address. It ends when the client's state is no longer `connecting`, or the engine could not be loaded.
 */
export function connectEarly(client: ClientState): void {
  const { options, token: given, update } = client;
  const { protocol = 'tidewire', auth = DEFAULT_AUTH, getToken } = options;
  const isWanted = () =>
    client.log.size &&
    client.intent !== 'disconnect' &&
    document.visibilityState === 'visible' &&
    navigator.onLine;
  if (attempts.has(client) || protocol !== 'tidewire' || !isWanted()) return;
  // The engine rejects a client with an invalid option, and then nothing may have been opened.
  if (!Object.entries(options).every(isAccepted)) return;
  const answers: Answers = {};
  const ignore = () => {};
  let close = ignore;
  const attempt: EarlyAttempt = {
    answers,
    isCurrent: () => client.options === options && client.token === given,
    end() {
      if (attempts.get(client) !== attempt) return;
      attempts.delete(client);
      client.update = update;
      close();
    },
  };
  attempts.set(client, attempt);
  client.update = (changes, reason) => {
    update(changes, reason);
    // An error: the engine could not be loaded, and is loaded again later.
    if (changes.error || client.snapshot().state !== 'connecting') attempt.end();
  };
  // The engine reports what the page's policy forbids, if it opens the socket itself.
  document.addEventListener('securitypolicyviolation', attempt.end, { once: true });

  async function open(): Promise<void> {
    const token = OFFERED_IN.has(auth) ? (given ?? textOf(await answers.token)) : undefined;
    const mayOpen = () => attempts.get(client) === attempt && attempt.isCurrent() && isWanted();
    if (!mayOpen()) return;
    answers.address = fetchAddress(options, NATIVE_PATH);
    const { url, protocols } = await answers.address;
    if (mayOpen())
      close = openEarly(url.href, token ? [TOKEN_SUBPROTOCOL, token, ...protocols] : protocols);
  }

  if (getToken && auth !== 'none' && given === undefined) {
    answers.token = fetchToken(options);
    // The engine receives the app's errors as answers to its requests.
    answers.token.catch(ignore);
  }
  // An error of the constructor is thrown again when the engine calls it.
  open().catch(ignore);
}
