/** Times that matter: written down and shown at the end, never a reason to fail. */
import { test } from '@playwright/test';

/** The annotation's type. */
export const MEASUREMENT = 'measurement';

/** Takes down how long something took, and what was wanted. */
export function measured(what: string, tookMs: number, wantedMs: number): void {
  const mark = tookMs <= wantedMs ? '' : '  <-- over';
  const description = `${what}: ${Math.round(tookMs)} ms (wanted: within ${wantedMs} ms)${mark}`;
  test.info().annotations.push({ type: MEASUREMENT, description });
}
