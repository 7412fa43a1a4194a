/** Errors in the effects of hooks, where no caller can catch them. */
import { type RealtimeClient, RealtimeError } from '../index.js';

/**
 * Runs `work`; calls `rejected`, which may be an app's callback, if the engine rejects it, or the client is destroyed.
 * Errors of invalid arguments are thrown: they are bugs of the component, for its error boundary.
 */
export function attempt(work: () => void, rejected: (error: RealtimeError) => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RealtimeError) || error.code === 'invalid_argument') throw error;
    try {
      rejected(error);
    } catch (thrown) {
      // Thrown in an effect it would unmount the whole tree.
      throwLater(thrown);
    }
  }
}

/** Throws an error in a microtask of its own, so that it is reported as uncaught and does not interrupt rendering. */
export const throwLater = (error: unknown): void =>
  queueMicrotask(() => {
    throw error;
  });

/** Whether the client is not destroyed. */
export const isAlive = (client: RealtimeClient): boolean => client.state !== 'closed';
