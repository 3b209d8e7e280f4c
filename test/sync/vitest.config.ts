import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/sync/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 60_000, fileParallelism: false, env: { NODE_ENV: 'test' } },
});
