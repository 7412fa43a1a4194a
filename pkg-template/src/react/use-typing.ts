import { useSyncExternalStore } from 'react';
import type { ChannelName } from './channel-options.js';
import { TypingStore, type TypingView } from './typing-store.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/**
 * Returns the typing members of a channel, and the functions that send whether this user is typing.
 *
 * ```tsx
 * const { who, start, stop } = useTyping('room', name);
 * return <input onChange={start} onBlur={stop} />;
 * ```
 *
 * @param me this user's name, which is not listed, even when typing in another tab
 */
export function useTyping(channel: ChannelName, me?: string | null): TypingView {
  const client = useRealtimeClient();
  const store = useStore(
    () => new TypingStore(client, channel, me ?? undefined),
    [client, channel, me],
  );
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
