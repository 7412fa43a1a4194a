/** Collects what each entry of `tidewire/legacy` exports: `node migrate/collect-names.js [--write]`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { FAMILIES } from './src/families.js';
import { NAMES } from './src/names.js';
import { parse } from './src/parse.js';
import { exportedBy } from './src/specifiers.js';

const root = new URL('../pkg-template/src/', import.meta.url);
const target = new URL('src/names.js', import.meta.url);

/**
 * The names that an entry's source exports, in order.
 *
 * @param {string} entry such as `tidewire/legacy/interviews`
 */
function namesOf(entry) {
  const source = new URL(`${entry.replace('tidewire/', '')}/index.ts`, root);
  // What is not built yet keeps the names it had.
  if (!existsSync(source)) return NAMES[entry] ?? [];
  const { program } = parse(readFileSync(source, 'utf8'), 'index.ts');
  const names = program.body.flatMap((statement) =>
    statement.type === 'ExportNamedDeclaration'
      ? exportedBy(statement).map(({ alias }) => alias)
      : [],
  );
  return [...new Set(names)].sort();
}

/** What `src/names.js` should be. */
export function collectNames() {
  const entries = Object.values(FAMILIES).flatMap(({ entries }) =>
    entries.map(({ entry }) => entry),
  );
  return Object.fromEntries(entries.map((entry) => [entry, namesOf(entry)]));
}

if (process.argv.includes('--write')) {
  const lines = Object.entries(collectNames()).map(
    ([entry, names]) =>
      `  '${entry}': [\n${names.map((name) => `    '${name}',\n`).join('')}  ],\n`,
  );
  writeFileSync(
    target,
    [
      '/** What each entry exports, types too. Made by `node migrate/collect-names.js --write`. */\n',
      '/** @type {Record<string, readonly string[]>} */\n',
      `export const NAMES = {\n${lines.join('')}};\n`,
    ].join(''),
  );
}
