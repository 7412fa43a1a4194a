import { defineConfig } from '@playwright/test';
import { CHROMIUM, REMOTE_HOST, RESULTS } from './support/environment.js';

export default defineConfig({
  testDir: './specs',
  outputDir: `${RESULTS}/artifacts`,
  globalSetup: './support/consumer.ts',
  fullyParallel: true,
  // Most of a test's time is waiting for a timeout of the client, so two can share a core.
  workers: 3,
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  // Generous for slow machines: a test that passes waits much less.
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
