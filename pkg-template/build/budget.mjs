/** Checks the sizes of the built files against their limits and their recorded sizes. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ENTRIES } from './entries.mjs';

/** The accepted growth over the recorded size, as a share: compressors differ between versions. */
const TOLERANCE = 0.005;

/** The files that are measured together, because they are transferred together. Each entry is a group with its name. */
const GROUPS = {
  facade: ['index.js'],
  ...Object.fromEntries(
    ENTRIES.filter((name) => name !== 'index').map((name) => [name, [`${name}.js`]]),
  ),
  script: ['tidewire.global.js'],
  engine: ['core.js', 'core-inline.js'],
  wasm: ['core.wasm'],
};

const WIDTH = Math.max(...Object.keys(GROUPS).map((name) => name.length)) + 1;

async function measure(dist, files) {
  const size = { raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const bytes = await readFile(join(dist, file));
    size.raw += bytes.length;
    size.gzip += gzipSync(bytes, { level: 9 }).length;
    size.brotli += brotliCompressSync(bytes).length;
  }
  return size;
}

/**
 * Prints the sizes and compares gzip with the budget file: `{ group: { limit, recorded? } }`.
 * Returns a message for each group that is too large. With `update`, records sizes that became smaller or were not recorded.
 */
export async function checkBudget({ dist, file, update }) {
  const budget = JSON.parse(await readFile(file, 'utf8'));
  const violations = [];
  const column = (value) => String(value).padStart(9);
  console.log(`${'bytes'.padEnd(WIDTH)}${['raw', 'gzip', 'brotli', 'limit'].map(column).join('')}`);
  for (const [name, files] of Object.entries(GROUPS)) {
    const size = await measure(dist, files);
    const { limit, recorded } = budget[name] ?? {};
    const columns = [size.raw, size.gzip, size.brotli, limit ?? '–'].map(column).join('');
    console.log(`${name.padEnd(WIDTH)}${columns}  ${files.join(' + ')}`);
    if (size.gzip > limit)
      violations.push(`${name} is ${size.gzip} bytes gzip, over its limit of ${limit}.`);
    else if (size.gzip > recorded * (1 + TOLERANCE)) {
      violations.push(
        `${name} grew from ${recorded} to ${size.gzip} bytes gzip. If the growth is intended, raise "recorded" in size-budget.json.`,
      );
    }
    if (update && limit && !(size.gzip > recorded)) budget[name] = { limit, recorded: size.gzip };
  }
  if (update) await writeFile(file, `${JSON.stringify(budget, null, 2)}\n`);
  return violations;
}
