/**
 * Writes the type declarations of the sources that the entries import, and a copy of each for CommonJS
 * consumers, whose types must not refer to ES modules.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { ENTRIES, SOURCE, sourceOf } from './entries.mjs';

const run = promisify(execFile);

/** The relative specifiers of a module, in either kind of quotes: `from './x.js'`, `import './x.js'`, `import("./x.js")`. */
const RELATIVE = /(\bfrom |\bimport |\bimport\()(['"])(\.[^'"]*)\.js\2/g;

/** Compiles the declarations of all sources into a folder. */
async function emit(root, directory) {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(dirname(manifest), 'bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly'];
  await run(process.execPath, [tsc, '-p', root, ...options, '--outDir', directory]).catch(
    (error) => {
      throw Error(`The types do not compile:\n${error.stdout}`);
    },
  );
}

/** Collects a declaration and those that it imports, by path without extension. */
async function collect(directory, name, found) {
  if (found.has(name)) return;
  const text = await readFile(join(directory, `${name}.d.ts`), 'utf8');
  found.set(name, text);
  for (const [, , , path] of text.matchAll(RELATIVE)) {
    await collect(directory, join(dirname(name), path), found);
  }
}

/** Writes `types/…/NAME.d.ts` and `.d.cts` for all modules that an entry imports. */
export async function writeDeclarations({ root, dist }) {
  const directory = await mkdtemp(join(tmpdir(), 'tidewire-types-'));
  try {
    await emit(root, directory);
    const found = new Map();
    for (const entry of ENTRIES) {
      await collect(directory, relative(SOURCE, sourceOf(entry)).replace(/\.tsx?$/, ''), found);
    }
    await Promise.all(
      [...found].map(async ([name, text]) => {
        const file = join(dist, 'types', name);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(`${file}.d.ts`, text);
        await writeFile(`${file}.d.cts`, text.replace(RELATIVE, '$1$2$3.cjs$2'));
      }),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}
