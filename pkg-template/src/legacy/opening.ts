/** How an attempt to connect ends, where the older clients promised an end. */
import type { RealtimeClient, State } from '../index.js';

/** States in which the end of the attempt is still to come. */
const UNDER_WAY: readonly State[] = ['connecting', 'authenticating', 'reconnecting'];

/**
 * Settled when the connection has come as far as one of `reached`, or when this attempt failed. The client goes
 * on trying after that; only the promise is over.
 */
export function opening(client: RealtimeClient, reached: readonly State[]): Promise<void> {
  if (reached.includes(client.state)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const ends = [
      client.on('state', (state, { error }) => {
        if (reached.includes(state)) settle(resolve);
        else if (!UNDER_WAY.includes(state)) {
          settle(() => reject(error ?? Error(`The connection is ${state}.`)));
        }
      }),
      client.on('error', (error) => {
        // What is about one channel or a callback says nothing about the connection.
        if (!error.channel && error.code !== 'callback_failed') settle(() => reject(error));
      }),
    ];
    const settle = (end: () => void): void => {
      for (const off of ends) off();
      end();
    };
  });
}
