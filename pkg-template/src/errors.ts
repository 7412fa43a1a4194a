/** The error class: a stable code, what happened, and what to do about it. */
import type { EngineErrorCode } from './generated/types.js';

/** Every code a {@link RealtimeError} can have: those of the engine, which the facade uses too, and its own. */
export type ErrorCode =
  | EngineErrorCode
  /** The engine could not be loaded or started. */
  | 'engine_unavailable'
  /** The engine crashed; what it had sent cannot be settled any more. */
  | 'engine_failed';

/** The optional members of a {@link RealtimeError}. */
export interface ErrorDetails {
  /** The channel it concerns. */
  channel?: string | undefined;
  /** Whether a retry can succeed. Default `false`. */
  retryable?: boolean | undefined;
  /** The error that caused it. */
  cause?: unknown;
}

/** An error of the client. `code` is stable; `message` and `hint` are for display and may change. */
export class RealtimeError extends Error {
  /** Always `'RealtimeError'`: identifies it where a page has two copies of the package. */
  override readonly name = 'RealtimeError';
  /** The kind of error. */
  declare readonly code: ErrorCode;
  /** What a developer can do about it. */
  declare readonly hint: string;
  /** The channel it concerns, if any. */
  declare readonly channel: string | undefined;
  /** Whether a retry can succeed. */
  declare readonly retryable: boolean;
  /** The error that caused it, if known. */
  declare readonly cause: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    hint: string,
    { channel, retryable, cause }: ErrorDetails = {},
  ) {
    super(message);
    Object.assign(this, { code, hint, channel, retryable: !!retryable, cause });
  }
}
