/** Errors of the engine, as the app gets them. */
import type { Ledger } from '../client-state.js';
import type { ErrorCode, RealtimeError } from '../errors.js';
import type { EngineError } from './engine-abi.js';

/** What looks like a JWT. */
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** A text of a server or of the app, without the token it may repeat. */
function redact({ secret }: Ledger, text: string): string {
  const safe = text.replace(JWT, '[token]');
  return secret ? safe.replaceAll(secret, '[token]') : safe;
}

/** What the engine tells of. */
export function fromEngine(ledger: Ledger, error: EngineError): RealtimeError {
  const { code, message, hint, cause } = error;
  // The other side's own words, or the name of the argument.
  const words = memberOf(cause, 'message');
  const said = typeof words === 'string' && words ? redact(ledger, words) : undefined;
  const named = memberOf(cause, 'code');
  const name = typeof named === 'string' ? redact(ledger, named) : named;
  return ledger.makeError(code as ErrorCode, said ? `${message} (${said})` : message, hint, {
    ...error,
    // What an app threw stays as it is.
    ...((said !== words || name !== named) && {
      cause: { ...(cause as object), code: name, message: said },
    }),
  });
}

/** What anything thrown says, in words. Hostile values say nothing. */
export function wordsOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'something that cannot be read';
  }
}

/** A member of anything thrown, if it can be read. */
export function memberOf(error: unknown, name: string): unknown {
  try {
    return (error as Record<string, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** What a call of the engine throws is the engine's own error, or of an argument that cannot cross. */
export function fromThrown(ledger: Ledger, error: unknown): RealtimeError {
  if (typeof memberOf(error, 'hint') === 'string') return fromEngine(ledger, error as EngineError);
  return ledger.makeError(
    'invalid_argument',
    `An argument cannot be used: ${wordsOf(error)}`,
    'Check what was given to this call, and its options.',
    { cause: error },
  );
}

/** For a change of a collection that is no more. */
export const released = (ledger: Ledger, channel: string): RealtimeError =>
  ledger.makeError('aborted', 'The collection was released.', 'Open it again.', { channel });

/** For an option that is not what it must be; `fault` names it. */
export const invalidOption = (ledger: Ledger, fault: string, channel: string): RealtimeError =>
  ledger.makeError('invalid_argument', `options.${fault}.`, 'Correct this option.', { channel });
