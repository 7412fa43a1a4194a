import { useSyncExternalStore } from 'react';
import type { Metrics } from '../index.js';
import { MetricsStore } from './metrics-store.js';
import { useRealtimeClient } from './use-realtime-client.js';
import { useStore } from './use-store.js';

/** Returns the client's metrics, updated every second; the same object until one of them changes. */
export function useMetrics(): Metrics {
  const client = useRealtimeClient();
  const store = useStore(() => new MetricsStore(client), [client]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
