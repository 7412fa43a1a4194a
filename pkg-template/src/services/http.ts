/** Requests of the sources that speak JSON over HTTP. */

import type { StoringOptions } from './source.js';
import { SourceError } from './source-error.js';

/** Where an API is, and who asks. */
export interface HttpOptions extends StoringOptions {
  /** The address that paths are put behind, such as `https://example.com/api` or `/api`. */
  base: string | URL;
  /** Sent as a bearer token: itself, or a function asked before every request. Default none. */
  token?:
    | string
    | null
    | (() => string | null | undefined | PromiseLike<string | null | undefined>);
  /** Headers of every request. */
  headers?: { readonly [name: string]: string };
  /** Makes the requests. Default: the page's `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** A request. */
export interface Ask {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  /** The mutation's id. */
  mutation?: string;
}

/** Asks a path; gives what the answer says, nothing if it is empty. */
export type Requests = (path: string, ask?: Ask) => Promise<unknown>;

/** What `{ error }` of an answer says, if it has one. */
function refusalOf(status: number, said: unknown): SourceError {
  const { error } = (said ?? {}) as { error?: { code?: string; message?: string } };
  return new SourceError(status, error?.message ?? `The server answered ${status}.`, error?.code);
}

/** Makes requests to an API. */
export function requests({ base, token, headers, fetch }: HttpOptions): Requests {
  const root = String(base).replace(/\/$/, '');
  return async (path, { method = 'GET', body, mutation } = {}) => {
    const bearer = typeof token === 'function' ? await token() : token;
    const answer = await (fetch ?? globalThis.fetch)(root + path, {
      method,
      headers: {
        ...headers,
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...(mutation && { 'idempotency-key': mutation }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    // A proxy's page of words is no answer of the server's.
    const said: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return said;
    throw refusalOf(answer.status, said);
  };
}
