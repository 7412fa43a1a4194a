import { useEffect, useEffectEvent } from 'react';
import type { Gap, MessageCallback } from 'tidewire';
import { client } from '../realtime/client.ts';
import { refreshStatistics } from '../realtime/statistics.ts';

/** Subscribes to a channel while `listening`; the callbacks may change without a new subscription. */
export function useSubscription(
  channel: string,
  listening: boolean,
  onMessage: MessageCallback<unknown>,
  onGap?: (gap: Gap) => void,
): void {
  const deliver = useEffectEvent(onMessage);
  const reportGap = useEffectEvent((gap: Gap) => onGap?.(gap));
  useEffect(() => {
    if (!listening) return;
    const unsubscribe = client.subscribe(
      channel,
      { onGap: (gap) => reportGap(gap) },
      (message, meta) => deliver(message, meta),
    );
    refreshStatistics();
    return () => {
      unsubscribe();
      refreshStatistics();
    };
  }, [channel, listening]);
}
