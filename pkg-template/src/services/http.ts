/** HTTP requests of the sources that exchange JSON. */

import type { StoringOptions } from './source.js';
import { SourceError } from './source-error.js';

/** The address of an API and the options of its requests. */
export interface HttpOptions extends StoringOptions {
  /** The base address of all paths, such as `https://example.com/api` or `/api`. */
  base: string | URL;
  /** The bearer token, or a function that is called before every request. Default: none. */
  token?:
    | string
    | null
    | (() => string | null | undefined | PromiseLike<string | null | undefined>);
  /** Headers of every request. */
  headers?: { readonly [name: string]: string };
  /** The function that sends the requests. Default: the page's `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** The options of one request. */
export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  /** The mutation's id. */
  mutation?: string;
}

/** Sends a request to a path; returns the content of the response, `undefined` if it is not JSON. */
export type Requests = (path: string, options?: RequestOptions) => Promise<unknown>;

/** Returns the error of a response, from its `{ error }` if it has one. */
function errorOf(status: number, content: unknown): SourceError {
  const { error } = (content ?? {}) as { error?: { code?: string; message?: string } };
  return new SourceError(status, error?.message ?? `The server answered ${status}.`, error?.code);
}

/** Returns the function that sends requests to an API. */
export function requests({ base, token, headers, fetch }: HttpOptions): Requests {
  const root = String(base).replace(/\/$/, '');
  return async (path, { method = 'GET', body, mutation } = {}) => {
    const bearer = typeof token === 'function' ? await token() : token;
    const response = await (fetch ?? globalThis.fetch)(root + path, {
      method,
      headers: {
        ...headers,
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...(mutation && { 'idempotency-key': mutation }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    // A proxy may respond with an HTML page.
    const content: unknown = await response.json().catch(() => undefined);
    if (response.ok) return content;
    throw errorOf(response.status, content);
  };
}
