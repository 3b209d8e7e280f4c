import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,store,http,model,compat,cli}/**/*.test.ts', ...(process.env['TIDEMARK_TEST_DATABASE_URL'] ? ['test/postgres/**/*.test.ts'] : [])],
    env: { NODE_ENV: 'test' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
  },
});
