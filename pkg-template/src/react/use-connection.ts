import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { Quality, RealtimeError, State } from '../index.js';
import { isAlive } from './errors.js';
import { useRealtimeClient } from './use-realtime-client.js';

/** The state of the connection; the same object until something in it changes. */
export interface Connection {
  /** The state. */
  readonly state: State;
  /** Whether the state is `ready`. */
  readonly isConnected: boolean;
  /** Whether a connection is being opened, for the first time or again. */
  readonly isConnecting: boolean;
  /** The quality of the connection. */
  readonly quality: Quality;
  /** The last error; `null` once the client is ready again. */
  readonly error: RealtimeError | null;
  /** Connects, and stays connected without subscribers. Rarely needed; retries after `failed`. */
  readonly connect: () => Promise<void>;
  /** Closes the connection until the next `connect()`, subscription or send. */
  readonly disconnect: () => void;
}

/** Returns the state of the connection. It does not open one: subscriptions and sends do. */
export function useConnection(): Connection {
  const client = useRealtimeClient();
  const subscribe = useCallback(
    (listener: () => void) => (isAlive(client) ? client.on('change', listener) : () => {}),
    [client],
  );
  // One by one, since the client's snapshot also changes with every queued message.
  const state = useSyncExternalStore<State>(
    subscribe,
    () => client.state,
    () => 'idle',
  );
  const quality = useSyncExternalStore<Quality>(
    subscribe,
    () => client.quality,
    () => 'offline',
  );
  const error = useSyncExternalStore<RealtimeError | null>(
    subscribe,
    () => client.error,
    () => null,
  );
  return useMemo(
    () => ({
      state,
      isConnected: state === 'ready',
      // connecting, authenticating, reconnecting
      isConnecting: state.endsWith('ing'),
      quality,
      error,
      connect: client.connect,
      disconnect: client.disconnect,
    }),
    [client, state, quality, error],
  );
}
