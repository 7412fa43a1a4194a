/** Measured times: reported at the end of a run; they fail no test. */
import { test } from '@playwright/test';

/** The annotation's type. */
export const MEASUREMENT = 'measurement';

/** Records a duration, and the expected one. */
export function measured(what: string, tookMs: number, expectedMs: number): void {
  const mark = tookMs <= expectedMs ? '' : '  <-- over';
  const description = `${what}: ${Math.round(tookMs)} ms (expected: within ${expectedMs} ms)${mark}`;
  test.info().annotations.push({ type: MEASUREMENT, description });
}
