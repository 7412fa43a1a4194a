/**
 * The type declarations: one file for each entry, since a CommonJS consumer must not be led to ES module
 * ones.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const IMPORT = /^import (?:type )?\{[^}]*\} from '\.\/([\w.-]+)\.js';\n/gm;
/** What another entry has of the main one. */
const OF_MAIN = /^import (?:type )?\{([^}]*)\} from '\.\.\/index\.js';\n/gm;
/** What it has of the framework it is for. */
const OF_REACT = /^import (?:type )?\{([^}]*)\} from 'react';\n/gm;
const REEXPORT = /^export (?:type )?\{([^}]*)\} from '\.\/([\w.-]+)\.js';\n/gm;

/** Reads a module and what it needs, in an order in which everything is declared before its use. */
async function collect(directory, name, seen) {
  if (seen.has(name)) return;
  seen.set(name, '');
  const text = await readFile(join(directory, `${name}.d.ts`), 'utf8');
  for (const [, needed] of text.matchAll(IMPORT)) await collect(directory, needed, seen);
  seen.delete(name);
  seen.set(
    name,
    text
      .replace(IMPORT, '')
      .replace(/^export (?=declare|interface|type|class|const|function)/gm, '')
      .replace(/^export \{\};\n/gm, ''),
  );
}

/** The names in the braces of an import or export. */
const namesIn = (list) =>
  list
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter(Boolean);

/** The declarations of one entry, with `main` for the main one. */
async function bundle(directory, main) {
  const entry = await readFile(join(directory, 'index.d.ts'), 'utf8');
  const seen = new Map();
  const names = [];
  for (const [, list, file] of entry.matchAll(REEXPORT)) {
    await collect(directory, basename(file), seen);
    names.push(...namesIn(list));
  }
  const text = [...seen.values()].join('');
  const borrowed = (imports, from) => {
    const all = new Set([...text.matchAll(imports)].flatMap(([, list]) => namesIn(list)));
    return all.size ? `import type { ${[...all].sort().join(', ')} } from '${from}';\n` : '';
  };
  return [
    borrowed(OF_REACT, 'react'),
    borrowed(OF_MAIN, main),
    text.replace(OF_REACT, '').replace(OF_MAIN, ''),
    `export { ${names.sort().join(', ')} };\n`,
  ].join('');
}

/** Writes a `.d.ts` and a `.d.cts` for each entry. */
export async function writeDeclarations({ root, dist }) {
  const directory = await mkdtemp(join(tmpdir(), 'tidewire-types-'));
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    const tsc = join(dirname(manifest), 'bin/tsc');
    const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly'];
    await run(process.execPath, [tsc, '-p', root, ...options, '--outDir', directory]).catch(
      (error) => {
        throw Error(`The types do not check:\n${error.stdout}`);
      },
    );
    for (const name of ['index', 'supabase', 'react']) {
      const folder = name === 'index' ? directory : join(directory, name);
      await writeFile(join(dist, `${name}.d.ts`), await bundle(folder, './index.js'));
      await writeFile(join(dist, `${name}.d.cts`), await bundle(folder, './index.cjs'));
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}
