/** How the tests of a moved app run: with the sources of the package, and without its engine. */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const sources = join(import.meta.dirname, '../../pkg-template/src');

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@\//, replacement: `${process.cwd()}/src/` },
      { find: /^tidewire$/, replacement: `${sources}/index.ts` },
      { find: /^tidewire\/(.*)$/, replacement: `${sources}/$1/index.ts` },
      { find: 'tidewire-glue', replacement: join(sources, '../../tests/js/engine-double.ts') },
    ],
  },
  test: { environment: 'jsdom', include: ['src/*.test.*'] },
});
