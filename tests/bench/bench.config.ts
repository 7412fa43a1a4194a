/** Measures tidewire beside other libraries: `cargo xtask bench`, not a part of the test command. */
import { defineConfig } from '@playwright/test';
import tests from '../e2e/playwright.config.js';
import { OUTPUT } from './support/settings.js';

const { launchOptions } = tests.use ?? {};

export default defineConfig({
  testDir: './scenarios',
  outputDir: `${OUTPUT}/artifacts`,
  globalSetup: './support/package.ts',
  // One measurement at a time.
  workers: 1,
  timeout: 3_600_000,
  reporter: [['list'], ['./support/reporter.ts']],
  use: {
    ...tests.use,
    launchOptions: {
      ...launchOptions,
      args: [
        ...(launchOptions?.args ?? []),
        '--js-flags=--expose-gc',
        '--enable-precise-memory-info',
        '--disable-renderer-backgrounding',
        '--disable-background-timer-throttling',
      ],
    },
  },
});
