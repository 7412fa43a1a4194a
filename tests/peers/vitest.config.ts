import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    environment: 'node',
    include: ['**/*.test.ts'],
    // Every wait of a scenario has a shorter time limit of its own.
    testTimeout: 20_000,
    // Each scenario has a server of its own.
    maxConcurrency: 4,
  },
});
