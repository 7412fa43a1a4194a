/** Series of values over time. */

/** One value, or several by name; `null` or `undefined` for a missing one. */
export type ChartValue =
  | number
  | null
  | undefined
  | Readonly<Record<string, number | null | undefined>>;

/** The values at one time. */
export interface ChartPoint {
  time: number;
  value: ChartValue;
}

/** A line of a chart. */
export interface Series {
  name: string;
  values: (number | null)[];
  latest: number | undefined;
  lowest: number | undefined;
  highest: number | undefined;
}

/** Series with common times. */
export interface TimeSeries {
  times: number[];
  series: Series[];
}

const pick = (value: ChartValue, name: string): number | null => {
  const found = typeof value === 'object' && value !== null ? value[name] : value;
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
};

/** Sorts the points from a time on, and returns each series with its latest, lowest and highest value. */
export function timeSeries(
  points: readonly ChartPoint[],
  from: number,
  names: readonly string[] | undefined,
): TimeSeries {
  const seen = points.filter(({ time }) => time >= from).sort((a, b) => a.time - b.time);
  const found = new Set<string>();
  for (const { value } of names ? [] : seen) {
    if (typeof value === 'object' && value) for (const name of Object.keys(value)) found.add(name);
  }
  const all = names ?? (found.size ? [...found] : ['']);
  const series = all.map((name): Series => {
    const values = seen.map(({ value }) => pick(value, name));
    const known = values.filter((value) => value !== null);
    const [first] = known;
    return {
      name,
      values,
      latest: known.at(-1),
      lowest: first === undefined ? first : known.reduce((a, b) => Math.min(a, b)),
      highest: first === undefined ? first : known.reduce((a, b) => Math.max(a, b)),
    };
  });
  return { times: seen.map(({ time }) => time), series };
}
