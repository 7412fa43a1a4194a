/** Collects what each entry of `tidewire/legacy` exports: `node migrate/collect-names.js [--write]`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { FAMILIES } from './src/families.js';
import { parse } from './src/parse.js';
import { exportedBy, prefixOf } from './src/specifiers.js';

const root = new URL('../pkg-template/src/', import.meta.url);
const target = new URL('src/names.js', import.meta.url);

/**
 * What an entry's source exports, in order.
 *
 * @param {string} entry such as `tidewire/legacy/interviews`
 */
function namesOf(entry) {
  const source = new URL(`${entry.replace('tidewire/', '')}/index.ts`, root);
  const { program } = parse(readFileSync(source, 'utf8'), 'index.ts');
  /** @type {Record<'values' | 'types', string[]>} */
  const names = { values: [], types: [] };
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    for (const { alias, prefix } of exportedBy(statement)) {
      names[prefix || prefixOf(statement) ? 'types' : 'values'].push(alias);
    }
  }
  return { values: names.values.sort(), types: names.types.sort() };
}

/** What `src/names.js` should be. */
export function collectNames() {
  const all = Object.values(FAMILIES).flatMap(({ entries }) => entries.map(({ entry }) => entry));
  return Object.fromEntries(all.map((entry) => [entry, namesOf(entry)]));
}

if (process.argv.includes('--write')) {
  /** @param {readonly string[]} names */
  const list = (names) => `[\n${names.map((name) => `      '${name}',\n`).join('')}    ]`;
  const lines = Object.entries(collectNames()).map(
    ([entry, { values, types }]) =>
      `  '${entry}': {\n    values: ${list(values)},\n    types: ${list(types)},\n  },\n`,
  );
  writeFileSync(
    target,
    [
      '/** What each entry exports. Made by `node migrate/collect-names.js --write`. */\n',
      "/** @type {Record<string, Record<'values' | 'types', readonly string[]>>} */\n",
      `export const NAMES = {\n${lines.join('')}};\n`,
    ].join(''),
  );
}
