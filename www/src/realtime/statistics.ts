/** The client's counters, read once a second while they are shown and the tab is visible. */
import type { ChannelStats, Metrics } from 'tidewire';
import { isReallyHidden } from '../page/visibility.ts';
import { client } from './client.ts';
import { createStore } from './store.ts';

/** One reading. */
export interface Statistics {
  readonly metrics: Metrics;
  readonly channels: readonly ChannelStats[];
}

const EVERY_MS = 1_000;
const store = createStore<Statistics>(reading());
let readers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function reading(): Statistics {
  return { metrics: client.getMetrics(), channels: client.getChannelStats().channels };
}

/** Reads the counters now, after a change that they should show at once. */
export function refreshStatistics(): void {
  if (readers) store.set(reading());
}

function updateTimer(): void {
  clearInterval(timer);
  timer = undefined;
  if (!readers || isReallyHidden()) return;
  refreshStatistics();
  timer = setInterval(refreshStatistics, EVERY_MS);
}

/** The latest reading, refreshed as long as there are listeners. */
export const statistics = {
  get: store.get,
  subscribe(listener: () => void): () => void {
    const stop = store.subscribe(listener);
    readers += 1;
    if (readers === 1) updateTimer();
    return () => {
      stop();
      readers -= 1;
      if (!readers) updateTimer();
    };
  },
};

document.addEventListener('visibilitychange', updateTimer);
client.on('channel', refreshStatistics);
client.on('change', refreshStatistics);
