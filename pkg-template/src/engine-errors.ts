/** Errors of the engine, as the app gets them. */
import type { EngineError } from './engine.js';
import type { ErrorCode, RealtimeError } from './errors.js';
import type { Ledger } from './ledger.js';

/** What looks like a JWT. */
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** A text of a server or of the app, without the token it may repeat. */
function redact({ secret }: Ledger, text: string): string {
  const safe = text.replace(JWT, '[token]');
  return secret ? safe.replaceAll(secret, '[token]') : safe;
}

/** What the engine tells of. */
export function fromEngine(ledger: Ledger, error: EngineError): RealtimeError {
  const { code, message, hint } = error;
  const cause = error.cause as { message?: string } | undefined;
  // The other side's own words, or the name of the argument.
  const words = cause?.message && redact(ledger, cause.message);
  return ledger.makeError(code as ErrorCode, words ? `${message} (${words})` : message, hint, {
    ...error,
    ...(words && { cause: { ...cause, message: words } }),
  });
}

/** What the engine throws is its own error, or a fault of the package. */
export function fromThrown(ledger: Ledger, error: unknown): RealtimeError {
  if ((error as EngineError | null)?.code) return fromEngine(ledger, error as EngineError);
  return ledger.makeError('engine_failed', String(error), 'Report this with the cause.', {
    cause: error,
  });
}

/** For a change of a collection that is no more. */
export const released = (ledger: Ledger, channel: string): RealtimeError =>
  ledger.makeError('aborted', 'The collection was released.', 'Open it again.', { channel });
