/** Converts errors of the engine to `RealtimeError`s. */
import type { ClientState } from '../client-state.js';
import type { ErrorCode, RealtimeError } from '../errors.js';
import { JWT, MAX_SECRETS, SessionText } from '../generated/engine.js';
import type { EngineError } from './engine-abi.js';

/** Records a token, which is redacted from errors. */
export function addSecret(client: ClientState, token: string | undefined): void {
  const { secrets = [] } = client;
  if (token && !secrets.includes(token)) client.secrets = [token, ...secrets].slice(0, MAX_SECRETS);
}

/** Redacts tokens in a text of the server or of the app. */
function redact({ secrets = [] }: ClientState, text: string): string {
  return secrets.reduce(
    (safe, secret) => safe.replaceAll(secret, SessionText.Token),
    text.replace(JWT, SessionText.Token),
  );
}

/** Converts an error of the engine. */
export function fromEngine(client: ClientState, error: EngineError): RealtimeError {
  const { code, message, hint, cause } = error;
  // The message and code of the server or the app, or the name of the argument.
  const detail = memberOf(cause, 'message');
  const redacted = typeof detail === 'string' && detail ? redact(client, detail) : undefined;
  const causeCode = memberOf(cause, 'code');
  const safeCode = typeof causeCode === 'string' ? redact(client, causeCode) : causeCode;
  return client.makeError(
    code as ErrorCode,
    redacted ? `${message} (${redacted})` : message,
    hint,
    {
      ...error,
      // A cause without a token is not changed.
      ...((redacted !== detail || safeCode !== causeCode) && {
        cause: { ...(cause as object), code: safeCode, message: redacted },
      }),
    },
  );
}

/** Returns the message of a thrown value; values whose conversion throws have none. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'something that cannot be read';
  }
}

/** Returns a member of a thrown value, if it can be read. */
export function memberOf(error: unknown, name: string): unknown {
  try {
    return (error as Record<string, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** Converts an error thrown by a call of the engine: the engine's own, or that of an invalid argument. */
export function fromThrown(client: ClientState, error: unknown): RealtimeError {
  if (typeof memberOf(error, 'hint') === 'string') return fromEngine(client, error as EngineError);
  return client.makeError(
    'invalid_argument',
    `An argument cannot be used: ${messageOf(error)}`,
    'Check what was given to this call, and its options.',
    { cause: error },
  );
}

/** The error for a change of a released collection. */
export const released = (client: ClientState, channel: string): RealtimeError =>
  client.makeError('aborted', SessionText.Released, SessionText.OpenAgain, { channel });

/** The error for an invalid option; `fault` names it. */
export const invalidOption = (client: ClientState, fault: string, channel: string): RealtimeError =>
  client.makeError('invalid_argument', `options.${fault}.`, 'Correct this option.', { channel });
