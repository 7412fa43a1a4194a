/** Builds the page of each library as an app would: with a bundler, minified, split where it imports lazily. */
import { build, type Plugin } from 'esbuild';
import { BENCH, type LibraryName, OUTPUT } from './settings.js';

/** Where the pages are. */
export const PAGES = `${OUTPUT}/pages`;

/** Marks a request of the plugin itself. */
const OURS = Symbol('resolved in the folder of the package');

/** tidewire is the package of the tarball, never the one in the workspace. */
export const tidewireFromTarball: Plugin = {
  name: 'tidewire-from-tarball',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^tidewire(\/|$)/ }, ({ path, kind, pluginData }) =>
      pluginData === OURS
        ? undefined
        : resolve(path, { kind, resolveDir: OUTPUT, pluginData: OURS }),
    );
  },
};

/** Resolves the library under test to the given one. */
const libraryUnderTest = (library: LibraryName): Plugin => ({
  name: 'library-under-test',
  setup({ onResolve }) {
    onResolve({ filter: /^library-under-test$/ }, () => ({
      path: `${BENCH}/libraries/${library}.ts`,
    }));
  },
});

/** How an app is built for production. */
export const COMMON = {
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
    entryPoints: entries.map((entry) => `${BENCH}/page/${entry}`),
    outdir: `${PAGES}/${library}`,
    plugins: [libraryUnderTest(library), tidewireFromTarball],
  });
}
