/** Comparisons of two sides of one page. */
import type { SideName } from '../page/main.js';

/** Milliseconds of the baseline and of the library, each measured twice. */
export interface Bracket {
  baselineMs: number;
  libraryMs: number;
}

const ORDER: SideName[] = ['baseline', 'library', 'library', 'baseline'];

/** Measures baseline, library, library, baseline, so that a drift of the machine affects both equally. */
export async function bracket(measure: (side: SideName) => Promise<number>): Promise<Bracket> {
  const sums = { baseline: 0, library: 0 };
  for (const side of ORDER) sums[side] += await measure(side);
  return { baselineMs: sums.baseline, libraryMs: sums.library };
}
