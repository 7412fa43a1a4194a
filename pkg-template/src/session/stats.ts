/** The engine's counters with their names. */
import {
  CHANNEL_COUNTERS,
  CHANNEL_STATES,
  CONTINUITIES,
  METRICS,
  ROUND_TRIP_TIMES,
} from '../generated/engine.js';
import type { ChannelStats, Metrics } from '../stats-types.js';

/** Names numbers by their position; one that is not known is `null`. */
const named = <Name extends string>(
  names: readonly Name[],
  numbers: readonly number[],
): Record<Name, number | null> =>
  Object.fromEntries(
    names.map((name, at) => [name, Number.isNaN(numbers[at]) ? null : numbers[at]]),
  ) as Record<Name, number | null>;

/** Converts what the engine returns as its metrics. */
export function metricsOf(numbers: readonly number[]): Metrics {
  const metrics = named(METRICS, numbers);
  return {
    ...(metrics as Record<keyof typeof metrics, number>),
    isConnected: !!metrics.isConnected,
    rtt: named(ROUND_TRIP_TIMES, numbers.slice(METRICS.length)),
  };
}

/** Converts what the engine returns about a channel. */
export function channelStatsOf([key, ...numbers]: readonly [string, ...number[]]): ChannelStats {
  const counters = named(CHANNEL_COUNTERS, numbers) as Record<
    (typeof CHANNEL_COUNTERS)[number],
    number
  >;
  return {
    key,
    ...counters,
    state: CHANNEL_STATES[counters.state] ?? 'left',
    continuity: CONTINUITIES[counters.continuity] ?? 'unknown',
  };
}
