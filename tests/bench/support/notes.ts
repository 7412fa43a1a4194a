/** Sentences below tables. */
import type { Measurements } from './results.js';

/** What the floor itself takes, by column. */
export function floorTimes(floor: Measurements): string {
  const times = floor.cells().map(({ column, median }) => `${median.toFixed(1)} µs (${column})`);
  return `The floor: ${times.join(', ')}.`;
}
