/** Comparisons of two sides of one page. */
import type { SideName } from '../page/main.js';

/** Milliseconds of the floor and of the library, each measured twice. */
export interface Bracket {
  floorMs: number;
  libraryMs: number;
}

const ORDER: SideName[] = ['floor', 'library', 'library', 'floor'];

/** Measures floor, library, library, floor: a drift of the machine meets both alike. */
export async function bracket(measure: (side: SideName) => Promise<number>): Promise<Bracket> {
  const sums = { floor: 0, library: 0 };
  for (const side of ORDER) sums[side] += await measure(side);
  return { floorMs: sums.floor, libraryMs: sums.library };
}
