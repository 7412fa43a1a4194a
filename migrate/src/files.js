/** Finds the source files under the given paths. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE = /(?<!\.d)\.[cm]?[jt]sx?$/;

/** Installed or built files are not changed. */
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'out', 'coverage']);

/**
 * Sorted by name.
 *
 * @param {string[]} paths
 * @returns {AsyncGenerator<string>}
 */
export async function* findSources(paths) {
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) yield path;
    else yield* within(path);
  }
}

/**
 * @param {string} folder
 * @returns {AsyncGenerator<string>}
 */
async function* within(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isFile() && SOURCE.test(entry.name)) yield path;
    const isIncluded = !entry.name.startsWith('.') && !SKIPPED.has(entry.name);
    if (entry.isDirectory() && isIncluded) yield* within(path);
  }
}
