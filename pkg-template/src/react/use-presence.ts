import { useEffect, useSyncExternalStore } from 'react';
import type { Meta } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { PresenceStore, type Present } from './presence-store.js';
import { channelOptions, type PresenceOptions, sharePresence } from './shared-presence.js';
import { useOptions } from './use-options.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/**
 * Returns the presence of a channel. With `me` this client is tracked as well, as long as the component is mounted: sent
 * again after every reconnect, and updated when `me` changes.
 *
 * ```ts
 * const { present } = usePresence('room', { name, mood });
 * ```
 *
 * Several components that track on one channel share one presence: that of the last one.
 */
export function usePresence<M extends object = Meta>(
  channel: ChannelName,
  me?: M | null,
  given: PresenceOptions = {},
): Present<M> {
  const client = useRealtimeClient();
  const options = useOptions(given);
  const meta = useOptions(me ?? undefined);
  useEffect(() => {
    if (channel && meta) return sharePresence(client, channel, meta, options);
    return undefined;
  }, [client, channel, meta, options]);
  const store = useStore(
    () => new PresenceStore<M>(client, channel, channelOptions(options)),
    [client, channel, options],
  );
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
