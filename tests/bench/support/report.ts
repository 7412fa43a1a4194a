/** The tables and plots of all results, in `target/bench` or in the documents. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { ROOT } from '../../e2e/support/environment.js';
import { chartOf } from './chart.js';
import { overviewOf } from './overview.js';
import type { Result } from './results.js';
import { OUTPUT } from './settings.js';
import { tableOf } from './table.js';

/** The lines around the generated part of a document. */
const BEGIN = '<!-- Written by `cargo xtask bench`. -->';
const END = '<!-- End of what `cargo xtask bench` writes. -->';

/** The document with an overview. */
const README = `${ROOT}/README.md`;

/** The document with the results, and the folder of its plots. */
const DOCUMENT = `${ROOT}/docs/performance.md`;
const PLOTS = `${ROOT}/docs/bench`;

const isPlotted = ({ plot }: Result): boolean => plot.length > 0;

async function writePlots(folder: string, results: readonly Result[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const result of results.filter(isPlotted)) {
    await writeFile(`${folder}/${result.name}.svg`, chartOf(result));
  }
}

function sections(results: readonly Result[], folder: string, environment: string): string {
  const parts = results.map((result) => {
    const table = tableOf(result);
    return isPlotted(result)
      ? `${table}\n![${result.title}](${folder}/${result.name}.svg)\n`
      : table;
  });
  return [`${environment}\n`, ...parts].join('\n');
}

/** Writes `report.md` and the plots into `target/bench`. */
export async function writeReport(results: readonly Result[], environment: string): Promise<void> {
  await writePlots(`${OUTPUT}/plots`, results);
  await writeFile(`${OUTPUT}/report.md`, sections(results, 'plots', environment));
}

/** Replaces the tables and plots of the documents; those of which there is no result stay. */
export async function publish(results: readonly Result[], environment: string): Promise<void> {
  await writePlots(PLOTS, results);
  const measured = sections(results, 'bench', environment);
  await replaceGenerated(DOCUMENT, (former) => withFormerSections(measured, former));
  await replaceGenerated(README, () => `${overviewOf(results)}\n`);
}

/** Replaces the generated part of a document. */
async function replaceGenerated(file: string, generate: (former: string) => string): Promise<void> {
  const text = existsSync(file) ? await readFile(file, 'utf8') : '';
  const [before, rest] = text.split(BEGIN);
  const [former, after] = rest?.split(END) ?? [];
  if (former === undefined || after === undefined) {
    throw Error(`${file} has no place for the tables.`);
  }
  await writeFile(file, `${before}${BEGIN}\n\n${generate(former)}\n${END}${after}`);
}

/** Splits a text before each of its headings. */
const split = (text: string): string[] => text.split(/^(?=### )/m);

/** Adds the sections of a former text that a new one does not have, in the order of the former text. */
export function withFormerSections(text: string, former: string): string {
  const headingOf = (section: string) => section.split('\n')[0] ?? '';
  const [head = '', ...sections] = split(text.trim());
  const all = split(former.trim())
    .slice(1)
    .map((section) => {
      const at = sections.findIndex((other) => headingOf(other) === headingOf(section));
      return at < 0 ? section : (sections.splice(at, 1)[0] ?? '');
    });
  return [head, ...all, ...sections].map((section) => `${section.trim()}\n`).join('\n');
}
