/** Builds the page of each library as an app would: with a bundler, minified, split where it imports lazily. */
import { build, type Plugin } from 'esbuild';
import { BENCH, type LibraryName, OUTPUT } from './settings.js';

/** Where the pages are. */
export const PAGES = `${OUTPUT}/pages`;

/** tidewire is the package of the tarball; the library under test is the given one. */
function resolving(library: LibraryName): Plugin {
  return {
    name: 'library-under-test',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^library-under-test$/ }, () => ({
        path: `${BENCH}/libraries/${library}.ts`,
      }));
      onResolve({ filter: /^tidewire(\/|$)/ }, ({ path, kind, pluginData }) =>
        pluginData === OURS
          ? undefined
          : resolve(path, { kind, resolveDir: OUTPUT, pluginData: OURS }),
      );
    },
  };
}

/** Marks a request of the plugin's own. */
const OURS = Symbol('resolved in the folder of the package');

const COMMON = {
  bundle: true,
  minify: true,
  format: 'esm',
  splitting: true,
  target: 'es2022',
  platform: 'browser',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
} as const;

/** Builds the entries of a page for a library into its folder. */
export async function buildPage(library: LibraryName, entries: string[]): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: entries.map((entry) => `${BENCH}/page/${entry}.ts`),
    outdir: `${PAGES}/${library}`,
    plugins: [resolving(library)],
  });
}
