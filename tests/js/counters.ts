/** Counters as the engine returns them: numbers, in the order of the generated names. */
import {
  CHANNEL_COUNTERS,
  METRICS,
  ROUND_TRIP_TIMES,
} from '../../pkg-template/src/generated/engine.js';

type Of<Names extends readonly string[]> = Partial<Record<Names[number], number>>;

/** The counters of a client; those that are not given are 0, round-trip times unknown. */
export const measured = (
  metrics: Of<typeof METRICS>,
  rtt: Of<typeof ROUND_TRIP_TIMES> = {},
): number[] => [
  ...METRICS.map((name) => metrics[name] ?? 0),
  ...ROUND_TRIP_TIMES.map((name) => rtt[name] ?? Number.NaN),
];

/** The counters of a channel; those that are not given are 0. */
export const counted = (
  channel: string,
  counters: Of<typeof CHANNEL_COUNTERS>,
): [string, ...number[]] => [channel, ...CHANNEL_COUNTERS.map((name) => counters[name] ?? 0)];
