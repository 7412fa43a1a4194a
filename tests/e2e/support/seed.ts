/** The seed of a run, printed so that the run can be repeated with `TIDEWIRE_SEED`. */
import { test } from '@playwright/test';

/** `TIDEWIRE_SEED`, or another one each time. */
export function takeSeed(): number {
  const seed = Number(process.env.TIDEWIRE_SEED ?? Date.now() % 1_000_000);
  console.log(`    ${test.info().title}: TIDEWIRE_SEED=${seed}`);
  return seed;
}
