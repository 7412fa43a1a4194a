import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { Quality, RealtimeError, State } from '../index.js';
import { isAlive } from './errors.js';
import { useRealtimeClient } from './use-realtime-client.js';

/** How the connection stands; the same object until something in it changed. */
export interface Connection {
  /** Where it stands. */
  readonly state: State;
  /** Whether messages flow. */
  readonly isConnected: boolean;
  /** Whether a connection is being made, again or for the first time. */
  readonly isConnecting: boolean;
  /** How good it is. */
  readonly quality: Quality;
  /** What went wrong last; `null` once the client is ready again. */
  readonly error: RealtimeError | null;
  /** Connects, and stays connected without subscribers. Rarely needed; starts again after `failed`. */
  readonly connect: () => Promise<void>;
  /** Closes the connection until the next `connect()`, subscription or send. */
  readonly disconnect: () => void;
}

/** The connection, kept up to date. It opens none: what subscribes or sends does. */
export function useConnection(): Connection {
  const client = useRealtimeClient();
  const subscribe = useCallback(
    (listener: () => void) => (isAlive(client) ? client.on('change', listener) : () => {}),
    [client],
  );
  // One by one, since the client's snapshot is another with every message that waits to be sent.
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
