/** The results of a scenario, in a file of its own; tables and plots are made from all files. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { OUTPUT } from './settings.js';
import { type Spread, spreadOf } from './statistics.js';

/** One number of a table. */
export interface Cell extends Spread {
  /** The row. */
  row: string;
  /** The column. */
  column: string;
}

/** The unit of a table's cells. */
export type Unit = 'ratio' | 'ms' | 'bytes';

/** One table. */
export interface Result {
  /** The file's name, and the scenario's. */
  name: string;
  /** The table's title. */
  title: string;
  /** What its numbers are. */
  unit: Unit;
  /** Its place among the tables. */
  order: number;
  /** Sentences below the table. */
  notes: string[];
  /** The columns of its plot; without any there is none. */
  plot: string[];
  /** The number of rounds of which its numbers are medians. */
  rounds: number;
  cells: Cell[];
}

const FOLDER = `${OUTPUT}/results`;

const fileOf = (name: string): string => `${FOLDER}/${name}.json`;

/** Collects the values of all rounds by row and column, in the order of their first value. */
export class Measurements {
  readonly #values = new Map<string, { row: string; column: string; values: number[] }>();

  add(row: string, column: string, value: number): void {
    const name = `${row}\n${column}`;
    const cell = this.#values.get(name) ?? { row, column, values: [] };
    cell.values.push(value);
    this.#values.set(name, cell);
  }

  cells(): Cell[] {
    return [...this.#values.values()].map(({ row, column, values }) => ({
      row,
      column,
      ...spreadOf(values),
    }));
  }

  /** The median of one cell. */
  median(row: string, column: string): number {
    return spreadOf(this.#values.get(`${row}\n${column}`)?.values ?? []).median;
  }
}

export async function store(result: Result): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(fileOf(result.name), JSON.stringify(result, null, 2));
}

/** Removes the results of former runs. */
export async function forgetResults(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
}

/** All results of the last runs, in the order of the tables. */
export async function stored(): Promise<Result[]> {
  if (!existsSync(FOLDER)) return [];
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json'));
  const results = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(`${FOLDER}/${file}`, 'utf8')) as Result),
  );
  return results.sort((a, b) => a.order - b.order);
}
