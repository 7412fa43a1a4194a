/** Numbers as tables and plots show them. */
import type { Cell, Unit } from './results.js';

/** Significant digits of a ratio. */
const DIGITS = 3;

/** One number. */
export function shown(value: number, unit: Unit): string {
  if (unit === 'ratio') {
    return value >= 10 ? value.toFixed(1) : value.toPrecision(DIGITS);
  }
  return Math.round(value).toLocaleString('en');
}

/** A median with its spread, where there is any. */
export function shownWithSpread({ median, low, high }: Cell, unit: Unit): string {
  const middle = shown(median, unit);
  const from = shown(low, unit);
  const to = shown(high, unit);
  return from === to ? middle : `${middle} (${from}–${to})`;
}
