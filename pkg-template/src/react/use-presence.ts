import { useEffect, useSyncExternalStore } from 'react';
import type { Meta } from '../index.js';
import type { ChannelName } from './channel-options.js';
import { PresenceStore, type Present } from './presence-store.js';
import { channelOptions, claim, type PresenceOptions } from './shared-presence.js';
import { useOptions } from './use-options.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/**
 * Who is present on a channel. With `me` this client is too, as long as the component is mounted: said again
 * after every reconnect, and an update when it says something else.
 *
 * ```ts
 * const { present } = usePresence('room', { name, mood });
 * ```
 *
 * Several components of a page that say something on one channel are one presence: the newest one's.
 */
export function usePresence<M extends object = Meta>(
  channel: ChannelName,
  me?: M | null,
  given: PresenceOptions = {},
): Present<M> {
  const client = useRealtimeClient();
  const options = useOptions(given);
  const said = useOptions(me ?? undefined);
  useEffect(() => {
    if (channel && said) return claim(client, channel, said, options);
    return undefined;
  }, [client, channel, said, options]);
  const store = useStore(
    () => new PresenceStore<M>(client, channel, channelOptions(options)),
    [client, channel, options],
  );
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
