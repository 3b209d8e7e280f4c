import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/cluster/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false, env: { NODE_ENV: 'test' } },
});
