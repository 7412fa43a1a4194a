/** The table of the README: a few columns of several results. */
import { shown } from './numbers.js';
import type { Result, Unit } from './results.js';

/** A column of the table: a column of a result. */
interface Part {
  heading: string;
  result: string;
  column: string;
}

const PARTS: readonly Part[] = [
  { heading: 'received message', result: 'receive', column: '200 B, 1 ch' },
  { heading: 'with 1,000 channels', result: 'receive', column: '200 B, 1,000 ch' },
  { heading: 'send', result: 'send', column: '200 B, without ack' },
  { heading: 'first message, cold, ms', result: 'first-message', column: 'cold' },
  { heading: 'JS heap per channel, B', result: 'memory', column: 'JS heap per channel' },
];

/** The values of one part, by row. */
function valuesOf({ result: name, column }: Part, results: readonly Result[]): Map<string, string> {
  const result = results.find((result) => result.name === name);
  const unit: Unit = result?.unit ?? 'ratio';
  const cells = result?.cells.filter((cell) => cell.column === column) ?? [];
  return new Map(cells.map(({ row, median }) => [row, shown(median, unit)]));
}

/** Returns the table in Markdown. Its rows are those of the first result. */
export function overviewOf(results: readonly Result[]): string {
  const parts = PARTS.map((part) => ({ ...part, values: valuesOf(part, results) }));
  const rows = [...(parts[0]?.values.keys() ?? [])];
  const lines = rows.map((row) => {
    const name = row.startsWith('tidewire') ? `**${row}**` : row;
    return `| ${[name, ...parts.map(({ values }) => values.get(row) ?? '–')].join(' | ')} |`;
  });
  return [
    `| | ${parts.map(({ heading }) => heading).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(parts.length)}`,
    ...lines,
  ].join('\n');
}
