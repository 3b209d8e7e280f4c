import { defineConfig } from 'vitest/config';

/** Slow, and out of the ordinary in what they do to processes: `npx vitest run --config test/crash/vitest.config.ts`. */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
