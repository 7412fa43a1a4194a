import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    environment: 'node',
    include: ['**/*.test.ts'],
    // A scenario waits for what has to happen, and fails by itself long before this.
    testTimeout: 20_000,
    // Each scenario has a server of its own.
    maxConcurrency: 4,
  },
});
