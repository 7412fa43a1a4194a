/** Sentences below tables. */
import type { Measurements } from './results.js';

/** The times of the baseline, by column. */
export function baselineTimes(baseline: Measurements): string {
  const times = baseline.cells().map(({ column, median }) => `${median.toFixed(1)} µs (${column})`);
  return `The baseline: ${times.join(', ')}.`;
}
