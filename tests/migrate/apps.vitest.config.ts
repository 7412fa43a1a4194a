/** Runs the tests of the migrated apps with the package's sources and without its engine. */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { FAMILIES } from '../../migrate/src/families.js';

const sources = join(import.meta.dirname, '../../pkg-template/src');

export default defineConfig({
  test: {
    projects: Object.keys(FAMILIES).map((name) => {
      const root = join(import.meta.dirname, 'results', name);
      return {
        resolve: {
          alias: [
            { find: /^@\//, replacement: `${root}/src/` },
            { find: /^tidewire$/, replacement: `${sources}/index.ts` },
            { find: /^tidewire\/(.*)$/, replacement: `${sources}/$1/index.ts` },
            {
              find: /^(tidewire-glue|\.\/core-inline\.js)$/,
              replacement: join(root, 'no-engine.ts'),
            },
          ],
        },
        test: { name, root, environment: 'jsdom', include: ['src/*.test.*'] },
      };
    }),
  },
});
