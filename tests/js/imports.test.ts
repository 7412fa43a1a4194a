/** The sources import each other in one direction only. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cyclesIn, importGraph, specifiersIn } from './import-graph.js';

const ROOT = `${import.meta.dirname}/../..`;
const LEGACY = 'pkg-template/src/legacy/';
const SESSION = `pkg-template/src/session/`;

const named = (file: string): string => relative(ROOT, file);

describe('the sources', () => {
  it.each(['pkg-template/src', 'migrate/src', 'www/src'])('%s has no import cycle', (folder) => {
    const graph = importGraph(`${ROOT}/${folder}`);
    expect(graph.size).toBeGreaterThan(5);
    const cycles = cyclesIn(graph).map((cycle) => [...cycle, cycle[0] ?? ''].map(named));
    expect(cycles.map((cycle) => cycle.join(' → '))).toEqual([]);
  });

  it('only sources.ts of the facade imports the session, which is loaded later', () => {
    const importers = [...importGraph(`${ROOT}/pkg-template/src`)]
      .filter(([, imported]) => imported.some((file) => named(file).startsWith(SESSION)))
      .map(([file]) => named(file))
      .filter((file) => !file.startsWith(SESSION));
    // The first has only types, of the module by which the build replaces `tidewire-glue`.
    expect(importers.sort()).toEqual([
      'pkg-template/src/generated/engine-interface.ts',
      'pkg-template/src/sources.ts',
    ]);
  });

  it('the legacy entries import only public entries of the package, and generated facts', () => {
    const graph = importGraph(`${ROOT}/pkg-template/src`);
    const { exports } = JSON.parse(readFileSync(`${ROOT}/pkg-template/package.json`, 'utf8'));
    const entries = Object.keys(exports)
      .filter((path) => !path.startsWith('./legacy'))
      .map((path) => join('pkg-template/src', path, 'index.ts'));
    const imported = [...graph]
      .filter(([file]) => named(file).startsWith(LEGACY))
      .flatMap(([file, files]) => files.map((other) => [named(file), named(other)] as const))
      .filter(([, other]) => !other.startsWith(LEGACY));
    expect(imported.length).toBeGreaterThan(5);
    // A fact of Rust must not be repeated: see `boundary.test.ts`.
    const isGenerated = (file: string): boolean => file.startsWith('pkg-template/src/generated/');
    expect(imported.filter(([, other]) => !entries.includes(other) && !isGenerated(other))).toEqual(
      [],
    );
  });
});

describe('the check', () => {
  it('reads every kind of import', () => {
    const text = `import a from './a.js';
import type {
  B,
} from './b.js';
export * from './c.js';
export type { D } from './d.js';
import './e.css';
const f = () => import('./f.js');
// import './not.js'
/** import('./nor.js') */
let from = './neither.js';
`;
    expect(specifiersIn(text)).toEqual([
      './a.js',
      './b.js',
      './c.js',
      './d.js',
      './e.css',
      './f.js',
    ]);
  });

  it('reads the types that JavaScript imports in its comments', () => {
    expect(specifiersIn("/** @type {import('./a.js').A} */", false)).toEqual(['./a.js']);
  });

  it('returns the cycle without the path to it', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['d', 'b']],
      ['d', []],
      ['e', ['e']],
    ]);
    expect(cyclesIn(graph)).toEqual([['b', 'c'], ['e']]);
  });

  it('finds no cycle where two paths lead to one file', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', []],
    ]);
    expect(cyclesIn(graph)).toEqual([]);
  });
});
