import { useEffect, useEffectEvent } from 'react';
import type { MessageCallback } from 'tidewire';
import { client } from '../realtime/client.ts';
import { refreshStatistics } from '../realtime/statistics.ts';

/** Subscribes to a channel while `listening`; the callback may change without subscribing anew. */
export function useSubscription(
  channel: string,
  listening: boolean,
  callback: MessageCallback<unknown>,
): void {
  const deliver = useEffectEvent(callback);
  useEffect(() => {
    if (!listening) return;
    const unsubscribe = client.subscribe(channel, undefined, (message, meta) =>
      deliver(message, meta),
    );
    refreshStatistics();
    return () => {
      unsubscribe();
      refreshStatistics();
    };
  }, [channel, listening]);
}
