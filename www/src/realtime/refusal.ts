/** Why a change was taken back. */
import { RealtimeError } from 'tidewire';

/** The server's own words, where it was the server who refused. */
export function whyRefused(error: unknown): string {
  if (!(error instanceof RealtimeError)) return String(error);
  const { message } = (error.cause ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : `${error.message} ${error.hint}`;
}

/** Whether nobody is left to tell, because what was changed is closed. */
export const isAborted = (error: unknown): boolean =>
  error instanceof RealtimeError && error.code === 'aborted';
