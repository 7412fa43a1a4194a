/** What may go wrong where no caller can catch it: in the effects of a hook. */
import { type RealtimeClient, RealtimeError } from '../index.js';

/**
 * Does it; a refusal by the engine, or a client that was destroyed, is handed over. Bad arguments are
 * thrown: they are the component's fault, and its error boundary's matter.
 */
export function attempt(work: () => void, refused: (error: RealtimeError) => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RealtimeError) || error.code === 'invalid_argument') throw error;
    refused(error);
  }
}

/** Throws it where nobody's rendering is interrupted, so that it shows as uncaught. */
export const throwLater = (error: RealtimeError): void =>
  queueMicrotask(() => {
    throw error;
  });

/** Whether the client can still be asked for anything. */
export const isAlive = (client: RealtimeClient): boolean => client.state !== 'closed';
