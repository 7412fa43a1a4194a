/** The packages of an app: imports from them are never moved. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** @type {Map<string, ReadonlySet<string>>} */
const known = new Map();

/**
 * The names in the nearest `package.json` with dependencies, and those above it.
 *
 * @param {string} file
 * @returns {ReadonlySet<string>}
 */
export function dependenciesOf(file) {
  return within(dirname(resolve(file)));
}

/**
 * @param {string} folder
 * @returns {ReadonlySet<string>}
 */
function within(folder) {
  const former = known.get(folder);
  if (former) return former;
  const manifest = join(folder, 'package.json');
  const own = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
  const names = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];
  const found = new Set(names.flatMap((name) => Object.keys(own[name] ?? {})));
  const above = dirname(folder);
  if (above !== folder) for (const name of within(above)) found.add(name);
  known.set(folder, found);
  return found;
}
