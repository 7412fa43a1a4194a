/** Opens and closes a connection that other parts of the page may use. */
import type { RealtimeClient, State } from '../index.js';

/** States of an attempt in progress. */
const IN_PROGRESS: readonly State[] = ['connecting', 'authenticating', 'reconnecting'];

/**
 * Returns a promise that resolves when the connection has one of the states `reached`, and rejects when this attempt
 * fails. The client keeps retrying after that.
 */
export function opening(client: RealtimeClient, reached: readonly State[]): Promise<void> {
  if (reached.includes(client.state)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const ends = [
      client.on('state', (state, { error }) => {
        if (reached.includes(state)) settle(resolve);
        else if (!IN_PROGRESS.includes(state)) {
          settle(() => reject(error ?? Error(`The connection is ${state}.`)));
        }
      }),
      client.on('error', (error) => {
        // Errors of a channel or a callback do not concern the connection.
        if (!error.channel && error.code !== 'callback_failed') settle(() => reject(error));
      }),
    ];
    const settle = (end: () => void): void => {
      for (const off of ends) off();
      end();
    };
  });
}

/**
 * Reverts a `connect()` of a legacy client that has no subscriptions any more: closes the connection, unless
 * the page has other subscriptions. It is then closed after the last of them.
 */
export function closing(client: RealtimeClient): void {
  if (client.state !== 'closed' && !client.getMetrics().subscriberCount) client.disconnect();
}
