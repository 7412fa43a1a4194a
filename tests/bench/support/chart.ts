/** A bar chart in SVG, readable on light and on dark pages. */
import { shown } from './numbers.js';
import type { Result, Unit } from './results.js';

const WIDTH = 760;
const LABEL_WIDTH = 210;
const VALUE_WIDTH = 70;
const BAR_HEIGHT = 13;
const GROUP_GAP = 10;
const TOP = 64;
const BOTTOM = 12;

/** The opacity of a group's bars, from the first to the last. */
const OPACITIES = [1, 0.7, 0.45];

const AXES: Record<Unit, string> = {
  ratio: 'times the baseline (JSON.parse, a Map, a callback); less is better',
  ms: 'milliseconds; less is better',
  bytes: 'bytes; less is better',
};

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .quiet { fill: #59636e }
  .ours { fill: #0969da }
  .other { fill: #8c959f }
  .spread { stroke: #1f2328; stroke-width: 1 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .ours { fill: #4493f8 }
    .other { fill: #656c76 }
    .spread { stroke: #f0f6fc }
  }`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The chart of a result's plotted columns: a group of bars for each row. */
export function chartOf({ title, unit, plot, cells }: Result): string {
  const plotted = cells.filter(({ column }) => plot.includes(column));
  const rows = [...new Set(plotted.map(({ row }) => row))];
  const largest = Math.max(...plotted.map(({ high }) => high));
  const lengthOf = (value: number) =>
    (Math.max(0, value) / largest) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH);
  const parts: string[] = [];
  let y = TOP;
  for (const row of rows) {
    const bars = plotted.filter((cell) => cell.row === row);
    const middle = y + (bars.length * BAR_HEIGHT) / 2 + 4;
    parts.push(
      `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${escaped(row)}</text>`,
    );
    for (const { column, median, low, high } of bars) {
      const opacity = OPACITIES[plot.indexOf(column)] ?? OPACITIES.at(-1);
      const kind = row.startsWith('tidewire') ? 'ours' : 'other';
      const length = lengthOf(median).toFixed(1);
      const height = BAR_HEIGHT - 2;
      const line = y + height / 2;
      const [from, to] = [low, high].map((value) => (LABEL_WIDTH + lengthOf(value)).toFixed(1));
      const valueAt = LABEL_WIDTH + lengthOf(high) + 6;
      parts.push(
        `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${length}" height="${height}" opacity="${opacity}"><title>${escaped(`${row}, ${column}: ${shown(median, unit)}`)}</title></rect>`,
        `<line class="spread" x1="${from}" y1="${line}" x2="${to}" y2="${line}"/>`,
        `<text class="quiet" x="${valueAt.toFixed(1)}" y="${y + height - 1}">${shown(median, unit)}</text>`,
      );
      y += BAR_HEIGHT;
    }
    y += GROUP_GAP;
  }
  const legend =
    plot.length > 1 ? `Bars of a group, from above: ${plot.join(' · ')}` : (plot[0] ?? '');
  const height = y + BOTTOM;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}
</style>
<text class="title" x="8" y="20">${escaped(title)}</text>
<text class="quiet" x="8" y="38">${escaped(AXES[unit])}</text>
<text class="quiet" x="8" y="54">${escaped(legend)}</text>
${parts.join('\n')}
</svg>
`;
}
