/** The statistics, tables and plots of the bench. */
import { describe, expect, it } from 'vitest';
import { chartOf } from '../bench/support/chart.js';
import { shown, shownWithSpread } from '../bench/support/numbers.js';
import { overviewOf } from '../bench/support/overview.js';
import { withFormerSections } from '../bench/support/report.js';
import type { Cell, Result } from '../bench/support/results.js';
import { spreadOf } from '../bench/support/statistics.js';
import { tableOf } from '../bench/support/table.js';

const cell = (row: string, column: string, median: number): Cell => ({
  row,
  column,
  median,
  low: median / 2,
  high: median * 2,
});

const result = (more: Partial<Result> = {}): Result => ({
  name: 'receive',
  title: 'CPU per received message',
  unit: 'ratio',
  order: 1,
  notes: ['A note.'],
  plot: ['200 B, 1 ch'],
  rounds: 9,
  cells: [
    cell('tidewire', '200 B, 1 ch', 1.5),
    cell('tidewire', '4 KB', 1),
    cell('a <b>', '200 B, 1 ch', 12),
  ],
  ...more,
});

describe('the spread of values', () => {
  it.each([
    [[3], { median: 3, low: 3, high: 3 }],
    [[4, 1, 3, 2], { median: 2.5, low: 1.75, high: 3.25 }],
    [[10, 2, 30], { median: 10, low: 6, high: 20 }],
  ])('of %j is %j', (values, spread) => {
    expect(spreadOf(values)).toEqual(spread);
  });

  it('of no values is an error', () => {
    expect(() => spreadOf([])).toThrow('Nothing was measured.');
  });
});

it('numbers have three digits as ratios, and none behind the point otherwise', () => {
  expect([1.2345, 0.0123, 12.345].map((value) => shown(value, 'ratio'))).toEqual([
    '1.23',
    '0.0123',
    '12.3',
  ]);
  expect(shown(1234.5, 'bytes')).toBe('1,235');
  expect(shownWithSpread(cell('', '', 2), 'ratio')).toBe('2.00 (1.00–4.00)');
  expect(shownWithSpread({ ...cell('', '', 2), low: 2, high: 2 }, 'ms')).toBe('2');
});

it('a table has a row for each library, and a dash for what was not measured', () => {
  const lines = tableOf(result()).split('\n');
  expect(lines[0]).toBe('### CPU per received message');
  expect(lines[2]).toBe('As a ratio to the baseline, medians of 9 rounds.');
  expect(lines.slice(4, 8)).toEqual([
    '| | 200 B, 1 ch | 4 KB |',
    '| --- | ---: | ---: |',
    '| **tidewire** | 1.50 (0.750–3.00) | 1.00 (0.500–2.00) |',
    '| a <b> | 12.0 (6.00–24.0) | – |',
  ]);
  expect(lines).toContain('A note.');
});

it('the overview has one column of each of several results', () => {
  const send = result({
    name: 'send',
    cells: [cell('tidewire', '200 B, without ack', 4), cell('other', '200 B, without ack', 1)],
  });
  const [head, , first, second, third] = overviewOf([result(), send]).split('\n');
  expect(head).toContain('received message | with 1,000 channels | send |');
  expect(first).toBe('| **tidewire** | 1.50 | – | 4.00 | – | – |');
  expect(second).toBe('| a <b> | 12.0 | – | – | – | – |');
  expect(third).toBeUndefined();
});

it('a chart has a bar for each plotted value, as long as the value, with escaped names', () => {
  const chart = new DOMParser().parseFromString(chartOf(result()), 'image/svg+xml');
  expect(chart.querySelector('parsererror')).toBe(null);
  const widths = [...chart.querySelectorAll('rect')].map((bar) =>
    Number(bar.getAttribute('width')),
  );
  expect(widths).toHaveLength(2);
  const [ours = 0, other = 0] = widths;
  expect(other / ours).toBeCloseTo(8, 1);
  expect(chart.querySelector('svg')?.textContent).toContain('a <b>');
});

it('a table that was not measured keeps its place and its content', () => {
  const former = 'Old.\n\n### A\n\n1\n\n### B\n\n2\n\n### C\n\n3\n';
  const text = withFormerSections('New.\n\n### B\n\n5\n\n### D\n\n6\n', former);
  expect(text).toBe('New.\n\n### A\n\n1\n\n### B\n\n5\n\n### C\n\n3\n\n### D\n\n6\n');
});
