import { useSyncExternalStore } from 'react';
import { type ChannelName, type EventOrOptions, useChannelWishes } from './channel-options.js';
import { type Heard, MessageStore } from './message-store.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/**
 * The last message of a channel since the component was mounted, rendered once a batch; `null` before the
 * first. Messages between two renders are not seen: {@link useRealtimeChannel} is told of every one.
 */
export function useLastMessage<T = unknown>(
  channel: ChannelName,
  eventOrOptions?: EventOrOptions,
): Heard<T> | null {
  const client = useRealtimeClient();
  const { event, options } = useChannelWishes(eventOrOptions);
  const store = useStore(
    () => new MessageStore<T>(client, channel, event, options, 1),
    [client, channel, event, options],
  );
  const getLast = (): Heard<T> | null => store.getSnapshot().messages[0] ?? null;
  return useSyncExternalStore(store.subscribe, getLast, () => null);
}
