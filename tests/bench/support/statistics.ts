/** Medians and their spread. */

/** The median of measurements, and the interval that has the middle half of them. */
export interface Spread {
  median: number;
  /** The first quartile. */
  low: number;
  /** The third quartile. */
  high: number;
}

/** Returns the value below which a share of the sorted values lies, interpolated between two of them. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const below = Math.floor(place);
  return at(below) + (at(Math.ceil(place)) - at(below)) * (place - below);
}

/** @throws if there is no value */
export function spreadOf(values: readonly number[]): Spread {
  if (!values.length) throw Error('Nothing was measured.');
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
  };
}
