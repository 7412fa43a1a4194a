/** Measures how fast clients reconnect after outages: `cargo xtask outages`, not a part of the test command. */
import { defineConfig } from '@playwright/test';
import tests from './playwright.config.js';
import { RESULTS } from './support/environment.js';

export default defineConfig({
  ...tests,
  testDir: './outages',
  outputDir: `${RESULTS}/outages`,
  // One protocol at a time: its pages run side by side and need both cores.
  workers: 1,
  timeout: 240_000,
  reporter: [['list']],
});
