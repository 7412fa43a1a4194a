/** Results as tables in Markdown. */
import { shownWithSpread } from './numbers.js';
import type { Result, Unit } from './results.js';

const UNITS: Record<Unit, string> = {
  ratio: 'as a ratio to the baseline',
  ms: 'in milliseconds',
  bytes: 'in bytes',
};

/** The distinct values of a field, in the order of the cells. */
const distinct = (values: readonly string[]): string[] => [...new Set(values)];

/** The table of a result, with its title and notes. */
export function tableOf({ title, unit, notes, rounds, cells }: Result): string {
  const columns = distinct(cells.map(({ column }) => column));
  const rows = distinct(cells.map(({ row }) => row)).map((row) => {
    const values = columns.map((column) => {
      const cell = cells.find((cell) => cell.row === row && cell.column === column);
      return cell ? shownWithSpread(cell, unit) : '–';
    });
    const name = row.startsWith('tidewire') ? `**${row}**` : row;
    return `| ${[name, ...values].join(' | ')} |`;
  });
  const lines = [
    `| | ${columns.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(columns.length)}`,
    ...rows,
  ];
  const measured = rounds > 1 ? `${UNITS[unit]}, medians of ${rounds} rounds` : UNITS[unit];
  return `### ${title}\n\n${capital(measured)}.\n\n${lines.join('\n')}\n\n${notes.join('\n')}\n`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
