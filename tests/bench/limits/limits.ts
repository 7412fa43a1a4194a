/** The limits, in a file that `BENCH_RECORD=1` writes again: a limit is the value measured last, and may only decrease. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@playwright/test';

const FILE = `${import.meta.dirname}/limits.json`;

type Limits = Record<string, Record<string, number>>;

/** The tolerated growth, as a share: compressors and the JIT's optimizations are not deterministic. */
const TOLERANCE: Record<string, number> = { bytes: 0.005, allocations: 0.15, memory: 0.05 };

/** Compares a value of a group with its limit. */
export function expectWithin(group: string, name: string, value: number): void {
  const limits = JSON.parse(readFileSync(FILE, 'utf8')) as Limits;
  const rounded = Math.ceil(value);
  if (process.env.BENCH_RECORD) {
    limits[group] = { ...limits[group], [name]: rounded };
    writeFileSync(FILE, `${JSON.stringify(limits, null, 2)}\n`);
    return;
  }
  const limit = limits[group]?.[name];
  expect(limit, `limits.json has a limit for ${group}, ${name}`).toBeDefined();
  const highest = (limit ?? 0) * (1 + (TOLERANCE[group] ?? 0));
  expect(rounded, `${group}, ${name}`).toBeLessThanOrEqual(highest);
}
