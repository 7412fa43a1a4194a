import { useEffect } from 'react';
import type { Channel, MessageCallback } from '../index.js';
import { type ChannelName, type EventOrOptions, useChannelOptions } from './channel-options.js';
import { attempt, throwLater } from './errors.js';
import { useLatest } from './use-latest.js';
import { useRealtimeClient } from './use-realtime-client.js';

/**
 * Calls back with each message of a channel, in order, in the task in which it is delivered. It causes
 * no render.
 *
 * ```ts
 * useRealtimeChannel<Article>('news', {}, (article, meta) => …);
 * useRealtimeChannel<ChatMessage>(room && `room:${room}`, 'message', (message) => …);
 * ```
 *
 * The callback and the options may be new objects in every render: options are compared by content, and the latest
 * functions are called. Without a channel's name it does not subscribe.
 */
export function useRealtimeChannel<T = unknown>(
  channel: ChannelName,
  eventOrOptions: EventOrOptions,
  callback: MessageCallback<T>,
): void {
  const client = useRealtimeClient();
  const { event, options } = useChannelOptions(eventOrOptions);
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
