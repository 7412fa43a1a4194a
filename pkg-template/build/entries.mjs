/** The entries of the package: what `package.json` exports with types. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The folder of the sources. */
export const SOURCE = join(root, 'src');

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const modules = Object.entries(exports).filter(
  ([path, target]) => target.import && !path.endsWith('.css'),
);

/** The names of the entries: `index` for the main one, `react`, `legacy/interviews`; `src/NAME/index.ts` is the source. */
export const ENTRIES = [
  ...new Set(
    modules.map(([, target]) => target.import.default.slice('./dist/'.length, -'.js'.length)),
  ),
];

/** The sub-paths that export a module, without `./`. Two of them may export the same entry: one is an older name. */
export const SUBPATHS = modules.map(([path]) => path.slice('./'.length)).filter(Boolean);

/** The stylesheets: `NAME.css` is built from `src/NAME/styles.css`. */
export const STYLES = Object.keys(exports)
  .filter((path) => path.endsWith('.css'))
  .map((path) => path.slice('./'.length, -'.css'.length));

/** The source of an entry. */
export const sourceOf = (name) =>
  join(SOURCE, name === 'index' ? 'index.ts' : join(name, 'index.ts'));

/** The entry whose source this is, if it is one. */
const entryAt = (file) => ENTRIES.find((name) => sourceOf(name) === file);

/** The specifier with which the built file of one entry imports that of another. */
const specifier = (from, to, extension) => {
  const path = relative(dirname(from), `${to}.${extension}`).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
};

/**
 * Keeps an import of another entry as an import: a second copy of that entry would have clients, errors and
 * settings of its own.
 */
export const externalEntries = (name, extension) => ({
  name: 'external-entries',
  setup(build) {
    build.onResolve({ filter: /(^|\/)index\.js$/ }, ({ path, resolveDir, kind }) => {
      if (kind === 'entry-point') return undefined;
      const other = entryAt(join(resolveDir, path).replace(/\.js$/, '.ts'));
      if (!other || other === name) return undefined;
      return { path: specifier(name, other, extension), external: true };
    });
  },
});
