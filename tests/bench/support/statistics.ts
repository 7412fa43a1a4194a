/** Medians and their spread. */

/** The median of measurements, and the interval that has the middle half of them. */
export interface Spread {
  median: number;
  /** The first quartile. */
  low: number;
  /** The third quartile. */
  high: number;
}

/** The value below which this share of sorted values lies, between two of them where it must. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const below = Math.floor(place);
  return at(below) + (at(Math.ceil(place)) - at(below)) * (place - below);
}

/** @throws if there is no value */
export function spreadOf(values: readonly number[]): Spread {
  if (!values.length) throw Error('Nothing was measured.');
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
  };
}
