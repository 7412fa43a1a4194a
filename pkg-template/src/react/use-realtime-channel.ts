import { useEffect } from 'react';
import type { Channel, MessageCallback } from '../index.js';
import { type ChannelName, type EventOrOptions, useChannelWishes } from './channel-options.js';
import { attempt, throwLater } from './errors.js';
import { useLatest } from './use-latest.js';
import { useRealtimeClient } from './use-realtime-client.js';

/**
 * Calls back with each message of a channel, in order, in the task in which it is delivered. Nothing is
 * rendered for its sake.
 *
 * ```ts
 * useRealtimeChannel<Article>('news', {}, (article, meta) => …);
 * useRealtimeChannel<Line>(room && `room:${room}`, 'said', (line) => …);
 * ```
 *
 * The callback and the options may be others in every render: only what options say matters, and of
 * functions the newest is called. Without a channel's name nothing is subscribed to.
 */
export function useRealtimeChannel<T = unknown>(
  channel: ChannelName,
  eventOrOptions: EventOrOptions,
  callback: MessageCallback<T>,
): void {
  const client = useRealtimeClient();
  const { event, options } = useChannelWishes(eventOrOptions);
  const latest = useLatest(callback);
  useEffect(() => {
    if (!channel) return;
    let handle: Channel<T> | undefined;
    attempt(() => {
      handle = client.channel<T>(channel, options);
      handle.on(event, (message, meta) => latest.current(message, meta));
    }, options?.onError ?? throwLater);
    return () => handle?.release();
  }, [client, channel, event, options, latest]);
}
