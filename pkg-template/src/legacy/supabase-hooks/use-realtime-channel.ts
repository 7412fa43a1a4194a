import { useEffect, useState } from 'react';
import type { PostgresChange } from '../../index.js';
import { type SupabaseChannel, supabaseChannel } from '../../supabase/index.js';
import { legacyConfig } from '../index.js';
import { callSafely } from '../listeners.js';
import { useLatest } from '../use-latest.js';
import { useTableChanges } from './use-table-changes.js';

export type ChangeEvent = '*' | 'INSERT' | 'UPDATE' | 'DELETE';

/** Adds listeners to a channel. It may also subscribe to it. */
export type SetupChannel = (channel: SupabaseChannel) => unknown;

/** Options of {@link useRealtimeChannel}. */
export interface UseRealtimeChannelOptions {
  enabled?: boolean;
  /** Called if the setup threw, or the channel has failed. */
  onError?: (error: Error) => void;
}

/**
 * Calls back with the changes of all tables of the schema `public`, while the component is mounted. The
 * callback may be another in every render.
 *
 * @deprecated Use `useRealtimeChannel(channel, { postgresChanges: [{ event }] }, callback)` of
 * `tidewire/react`.
 */
export function useRealtimeChannel<T extends object>(
  channel: string,
  event: ChangeEvent | (string & {}),
  callback: (payload: PostgresChange<T>) => void,
): void;
/**
 * Opens a channel, calls `setupChannel` to add listeners, and leaves it when the component is unmounted. It returns
 * `null` in the first render, and while it is not enabled.
 *
 * @deprecated Use `useRealtimeChannel` of `tidewire/react`, or `channel` of a client.
 */
export function useRealtimeChannel(
  channelName: string,
  setupChannel: SetupChannel,
  options?: UseRealtimeChannelOptions,
): SupabaseChannel | null;
export function useRealtimeChannel<T extends object>(
  name: string,
  eventOrSetup: string | SetupChannel,
  callbackOrOptions?: ((payload: PostgresChange<T>) => void) | UseRealtimeChannelOptions,
): SupabaseChannel | null | undefined {
  const isSetup = typeof eventOrSetup === 'function';
  const onChange = typeof callbackOrOptions === 'function' ? callbackOrOptions : () => {};
  const event = isSetup ? '*' : (eventOrSetup as ChangeEvent);
  useTableChanges<T>(isSetup ? null : name, { event }, onChange);
  const options = (isSetup && (callbackOrOptions as UseRealtimeChannelOptions)) || {};
  const channel = useSetupChannel(isSetup ? name : null, eventOrSetup as SetupChannel, options);
  return isSetup ? channel : undefined;
}

function useSetupChannel(
  name: string | null,
  setup: SetupChannel,
  { enabled = true, onError }: UseRealtimeChannelOptions,
): SupabaseChannel | null {
  const [shown, show] = useState<SupabaseChannel | null>(null);
  const latest = useLatest({ setup, onError });
  useEffect(() => {
    if (!name || !enabled) return;
    const fail = (error: Error): void => callSafely(latest.current.onError, error);
    const { client } = legacyConfig();
    const channel = supabaseChannel(client, name);
    try {
      latest.current.setup(channel);
      channel.subscribe();
    } catch (error) {
      void channel.unsubscribe();
      fail(error as Error);
      return;
    }
    show(channel);
    const off = client.on('channel', ({ channel: which, state, error }) => {
      if (which === name && state === 'failed' && error) fail(error);
    });
    return () => {
      off();
      void channel.unsubscribe();
      show(null);
    };
  }, [name, enabled, latest]);
  return shown;
}
