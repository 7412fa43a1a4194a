/** Why a change was rolled back. */
import { RealtimeError } from 'tidewire';

/** The server's message, if the server rejected the change. */
export function rejectionReason(error: unknown): string {
  if (!(error instanceof RealtimeError)) return String(error);
  const { message } = (error.cause ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : `${error.message} ${error.hint}`;
}

/** Whether the change was aborted because its collection is closed. */
export const isAborted = (error: unknown): boolean =>
  error instanceof RealtimeError && error.code === 'aborted';
