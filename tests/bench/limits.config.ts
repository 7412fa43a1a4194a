/** The measurements that are the same on every machine, and have limits: bytes, allocations, crossings, leaks. */
import { defineConfig } from '@playwright/test';
import bench from './bench.config.js';

const { launchOptions } = bench.use ?? {};

/** So much is allocated before anything is collected: until then the growth of the heap equals the allocations. */
const YOUNG_MB = 256;

export default defineConfig({
  ...bench,
  testDir: './limits',
  timeout: 240_000,
  reporter: [['list']],
  use: {
    ...bench.use,
    launchOptions: {
      ...launchOptions,
      args: [
        ...(launchOptions?.args ?? []).filter((argument) => !argument.startsWith('--js-flags')),
        `--js-flags=--expose-gc --min-semi-space-size=${YOUNG_MB} --max-semi-space-size=${YOUNG_MB}`,
      ],
    },
  },
});
