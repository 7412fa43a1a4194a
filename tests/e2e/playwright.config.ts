import { defineConfig } from '@playwright/test';
import { CHROMIUM, REMOTE_HOST, RESULTS } from './support/environment.js';

export default defineConfig({
  testDir: './specs',
  outputDir: `${RESULTS}/artifacts`,
  globalSetup: './support/consumer.ts',
  fullyParallel: true,
  // Most of a test's time is waiting for a deadline of the client, so two share a core well.
  workers: 3,
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  // Generous: what a test waits for comes at once or not at all, however slow the machine.
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./support/measurement-reporter.ts']],
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--host-resolver-rules=MAP ${REMOTE_HOST} 127.0.0.1`,
        '--no-proxy-server',
      ],
    },
  },
});
