import { useSyncExternalStore } from 'react';
import { type ChannelName, type EventOrOptions, useChannelOptions } from './channel-options.js';
import { MessageStore, type ReceivedMessage } from './message-store.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/**
 * Returns the last message of a channel since the component was mounted, rendered once per batch; `null` before the
 * first. Messages between two renders are skipped: {@link useRealtimeChannel} receives every one.
 */
export function useLastMessage<T = unknown>(
  channel: ChannelName,
  eventOrOptions?: EventOrOptions,
): ReceivedMessage<T> | null {
  const client = useRealtimeClient();
  const { event, options } = useChannelOptions(eventOrOptions);
  const store = useStore(
    () => new MessageStore<T>(client, channel, event, options, 1),
    [client, channel, event, options],
  );
  const getLast = (): ReceivedMessage<T> | null => store.getSnapshot().messages[0] ?? null;
  return useSyncExternalStore(store.subscribe, getLast, () => null);
}
