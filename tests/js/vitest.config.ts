import { deflateRawSync } from 'node:zlib';
import { defineConfig } from 'vitest/config';

/** The smallest wasm module: what is compiled in these tests besides nothing at all. */
const EMPTY_MODULE = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const CHUNK = '\0core-inline';

/** The tests of hooks and components, which are run with two versions of React. */
const REACT = '{react,components,legacy}/**/*.test.tsx';

/** Where React 18 is, beside the newer one that everything else takes. */
const REACT_18 = `${import.meta.dirname}/../react-18/node_modules`;

export default defineConfig({
  root: import.meta.dirname,
  resolve: {
    // Everything of the package is under test but the engine, which the Rust tests are for.
    alias: { 'tidewire-glue': `${import.meta.dirname}/engine-double.ts` },
  },
  plugins: [
    {
      name: 'core-inline',
      enforce: 'pre',
      resolveId: (id) => (id.endsWith('/core-inline.js') ? CHUNK : undefined),
      load: (id) =>
        id === CHUNK
          ? `export default "${deflateRawSync(EMPTY_MODULE).toString('base64')}"`
          : undefined,
    },
  ],
  test: {
    environment: 'jsdom',
    // By default one core is left to others, which of two is half.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'package', include: ['**/*.test.ts'] } },
      { extends: true, test: { name: 'React 19', include: [REACT] } },
      {
        extends: true,
        test: { name: 'React 18', include: [REACT] },
        resolve: {
          alias: [{ find: /^(react(?:-dom)?)(?=\/|$)/, replacement: `${REACT_18}/$1` }],
        },
      },
    ],
    // A fault in a callback is rethrown as uncaught; tests that mean it listen for it.
    dangerouslyIgnoreUnhandledErrors: false,
    unstubGlobals: true,
  },
});
