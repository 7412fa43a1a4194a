/** Fetches the address and the token from the app. */
import type { ClientOptions, TokenAnswer } from '../options.js';
import { socketAddress } from './socket-url.js';

/** The address of the socket, and the app's own subprotocols. */
export interface Address {
  url: URL;
  protocols: string[];
}

/**
 * Fetches the address; without the option `url` it is `defaultPath` on the page's host. Rejects with the error that the app
 * threw, or one that describes what is wrong with the address.
 */
export async function fetchAddress(options: ClientOptions, defaultPath: string): Promise<Address> {
  const { url, params, protocols = [] } = options;
  const given = await (typeof url === 'function' ? url() : url);
  return {
    url: socketAddress(given ?? defaultPath, params),
    protocols: [...protocols].map(String),
  };
}

/** Fetches a token, read once into plain values. Rejects with the error that the app threw, in a getter too. */
export async function fetchToken({ getToken }: ClientOptions): Promise<TokenAnswer> {
  const answer = await getToken?.();
  if (answer == null || typeof answer === 'string') return answer;
  const { token, expiresAt } = answer;
  return { token, ...(expiresAt !== undefined && { expiresAt }) };
}

/** Returns the text of a token, for {@link addSecret}; `undefined` if it has none. */
export function textOf(answer: TokenAnswer): string | undefined {
  const token = typeof answer === 'object' ? answer?.token : answer;
  return typeof token === 'string' ? token : undefined;
}
