import { deflateRawSync } from 'node:zlib';
import { defineConfig } from 'vitest/config';

/** The smallest wasm module, which is compiled in place of the engine. */
const EMPTY_MODULE = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const CHUNK = '\0core-inline';

/** The tests of hooks and components, which run with two versions of React. */
const REACT = '{react,components,legacy}/**/*.test.tsx';

/** The folder of React 18; everything else uses the newer version. */
const REACT_18 = `${import.meta.dirname}/../react-18/node_modules`;

export default defineConfig({
  root: import.meta.dirname,
  resolve: {
    // The engine is replaced by a double: the Rust tests cover it.
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
    // By default vitest leaves one core free, which is half of two.
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
    // An error of a callback is rethrown as uncaught; the tests of that listen for it.
    dangerouslyIgnoreUnhandledErrors: false,
    unstubGlobals: true,
  },
});
