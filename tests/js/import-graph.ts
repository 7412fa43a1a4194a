/** The import graph of source files. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The files that each file imports, by path. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** `… from './x.js'` at the end of a statement, `import './x.js'`, `import('./x.js')`. */
const SPECIFIER =
  /^(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|^import '([^']+)'|\bimport\(\s*'([^']+)'/gm;

/** Comments, which contain no imports in TypeScript. In JavaScript they may import types. */
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

const isScript = (file: string): boolean => file.endsWith('.js');

/** The specifiers in a text, those of type-only and of dynamic imports too. */
export function specifiersIn(text: string, isTyped = true): string[] {
  const code = isTyped ? text.replace(COMMENT, '') : text;
  return [...code.matchAll(SPECIFIER)].map(
    ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '',
  );
}

/** The source file of a relative specifier, which has the extension of the built file. */
function sourceOf(specifier: string, importer: string): string | undefined {
  const path = resolve(dirname(importer), specifier);
  const stem = path.replace(/\.js$/, '');
  return [path, `${stem}.ts`, `${stem}.tsx`, `${stem}.d.ts`].find(
    (file) => existsSync(file) && statSync(file).isFile(),
  );
}

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]sx?$/.test(file))
    .map((file) => resolve(folder, file));

/** The relative imports of the sources in a folder, of files outside of it too. */
export function importGraph(folder: string): ImportGraph {
  return new Map(
    sourcesIn(folder).map((file) => [
      file,
      specifiersIn(readFileSync(file, 'utf8'), !isScript(file))
        .filter((specifier) => specifier.startsWith('.'))
        .flatMap((specifier) => sourceOf(specifier, file) ?? []),
    ]),
  );
}

/** The import cycles, at least one if there is any: `a → b → a` as `[a, b]`. */
export function cyclesIn(graph: ImportGraph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  /** The path from the first file to the visited one. */
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push(path.slice(at));
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}
