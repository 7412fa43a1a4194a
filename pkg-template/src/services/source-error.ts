/** Errors of HTTP servers, for collections. */

/** Codes by HTTP status, if the response has none. */
const CODES: { readonly [status: number]: string } = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  406: 'not_found',
  409: 'conflict',
  422: 'invalid',
  429: 'rate_limited',
};

/**
 * The error of a server's response to a source. A mutation's error is `rejected` and a load's `load_failed`,
 * and its `cause` has this code and message.
 */
export class SourceError extends Error {
  /** The server's code, or else one derived from the status; `'conflict'` is resolved by the collection's policy. */
  readonly code: string;

  constructor(
    /** The HTTP status. */
    readonly status: number,
    message: string,
    code?: string,
  ) {
    super(message);
    this.code = code ?? CODES[status] ?? 'internal';
  }
}
