import { useSyncExternalStore } from 'react';
import type { Metrics } from '../index.js';
import { MetricsStore } from './metrics-store.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/**
 * The client's counters; the same object until one of them changed.
 *
 * @param options `everyMs`: how often they are looked at, by default every second
 */
export function useMetrics({ everyMs = 1_000 }: { everyMs?: number } = {}): Metrics {
  const client = useRealtimeClient();
  const store = useStore(() => new MetricsStore(client, everyMs), [client, everyMs]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
