/**
 * Builds the package: `node build.mjs [GLUE_DIRECTORY] [--update]`.
 *
 * The glue directory (default: `target/npm/glue` of the workspace) contains the output of
 * `cargo xtask pack`. `--update` records sizes that are new or became smaller in `size-budget.json`.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkBudget } from './build/budget.mjs';
import { inlineChunk, writeChunks } from './build/chunks.mjs';
import { writeDeclarations } from './build/declarations.mjs';
import { writeStubs } from './build/stubs.mjs';

const root = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const workspace = resolve(root, '..');
const dist = join(root, 'dist');
const positional = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const glueDirectory = resolve(positional[0] ?? join(workspace, 'target/npm/glue'));

async function main() {
  for (const file of ['tidewire.js', 'tidewire_bg.wasm', 'tidewire_bg.deflate']) {
    if (!existsSync(join(glueDirectory, file))) {
      throw Error(
        `There is no ${file} in ${glueDirectory}. Run \`cargo xtask pack\`, which writes it.`,
      );
    }
  }
  const wasm = await readFile(join(glueDirectory, 'tidewire_bg.wasm'));
  const deflated = await readFile(join(glueDirectory, 'tidewire_bg.deflate'));
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  await Promise.all([
    writeChunks({ dist, glueDirectory, wasm }),
    writeDeclarations({ root, dist }),
    writeStubs(root),
    writeFile(join(dist, 'core-inline.js'), inlineChunk(deflated)),
    writeFile(join(dist, 'core.wasm'), wasm),
    ...['LICENSE-MIT', 'LICENSE-APACHE'].map((file) =>
      copyFile(join(workspace, file), join(root, file)),
    ),
  ]);
  const violations = await checkBudget({
    dist,
    file: join(workspace, 'size-budget.json'),
    update: process.argv.includes('--update'),
  });
  if (violations.length) throw Error(violations.join('\n'));
}

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
