import { useEffect, useSyncExternalStore } from 'react';
import { type ChannelName, type HookOptions, useChannelOptions } from './channel-options.js';
import { MessageStore, type Messages } from './message-store.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/** Options of {@link useMessages}. */
export interface MessagesOptions extends HookOptions {
  /** How many messages are kept; older ones are dropped. Default 100. */
  limit?: number;
}

/**
 * Returns the last messages of a channel since the component was mounted, rendered once per batch.
 *
 * ```tsx
 * const { messages } = useMessages<ChatMessage>('room', { limit: 50 });
 * return messages.map(({ key, message }) => <p key={key}>{message.text}</p>);
 * ```
 */
export function useMessages<T = unknown>(
  channel: ChannelName,
  { limit = 100, ...given }: MessagesOptions = {},
): Messages<T> {
  const client = useRealtimeClient();
  const { event, options } = useChannelOptions(given);
  const store = useStore(
    () => new MessageStore<T>(client, channel, event, options, limit),
    [client, channel, event, options],
  );
  useEffect(() => store.setLimit(limit), [store, limit]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
