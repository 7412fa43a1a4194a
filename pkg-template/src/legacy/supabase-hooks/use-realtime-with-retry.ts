import { useEffect, useState } from 'react';
import type { SubscribeStatus } from '../../supabase/index.js';
import { supabaseChannel } from '../../supabase/index.js';
import { legacyConfig } from '../index.js';

/** The status of a channel that is retried when it fails. */
export interface RetryState {
  /**
   * - `connecting`: it is being joined for the first time
   * - `connected`: it is joined
   * - `retrying`: it was interrupted or rejected, and is retried
   * - `failed`: `maxRetries` retries have failed, or retrying cannot succeed; see `error`
   */
  readonly status: 'connecting' | 'connected' | 'retrying' | 'failed';
  /** The number of retries since it was last connected. */
  readonly retryCount: number;
  /** The last error; `null` while it is connected. */
  readonly error: Error | null;
}

const CONNECTING: RetryState = { status: 'connecting', retryCount: 0, error: null };
const CONNECTED: RetryState = { status: 'connected', retryCount: 0, error: null };

/** Returns the state after another retry; `failed` if the maximum is exceeded. */
function retried({ retryCount, error }: RetryState, maxRetries: number): RetryState {
  return retryCount < maxRetries
    ? { status: 'retrying', retryCount: retryCount + 1, error }
    : { status: 'failed', retryCount, error };
}

function nextState(
  state: RetryState,
  status: SubscribeStatus,
  cause: Error | undefined,
): RetryState {
  if (status === 'SUBSCRIBED') return CONNECTED;
  if (status === 'CLOSED') return state;
  const error = cause ?? state.error ?? Error(`The channel was not joined: ${status}.`);
  return { ...state, status: 'retrying', error };
}

/**
 * Keeps a channel joined while the component is mounted, and returns its status. The engine retries with
 * backoff; after `maxRetries` failed retries the channel is given up.
 *
 * @deprecated Use `useConnection` of `tidewire/react`; `reconnect.maxAttempts` of the client limits its
 * attempts.
 */
export function useRealtimeWithRetry(channel: string, maxRetries = 3): RetryState {
  const [state, setState] = useState(CONNECTING);
  useEffect(() => {
    const { client } = legacyConfig();
    const joined = supabaseChannel(client, channel);
    let now = CONNECTING;
    const update = (next: RetryState): void => {
      if (now.status === 'failed') return;
      now = joined.state === 'errored' ? { ...next, status: 'failed' } : next;
      setState(now);
      if (now.status === 'failed') leave();
    };
    const offState = client.on('state', (_, { reason, error }) => {
      // The delay before a retry has ended.
      if (reason === 'retry') update(retried(now, maxRetries));
      else if (error) update({ ...now, status: 'retrying', error });
    });
    const leave = (): void => {
      offState();
      void joined.unsubscribe();
    };
    setState(now);
    joined.subscribe((status, error) => update(nextState(now, status, error)));
    return () => {
      now = { ...now, status: 'failed' };
      leave();
    };
  }, [channel, maxRetries]);
  return state;
}
