import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/fuzz/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 300_000, fileParallelism: false, env: { NODE_ENV: 'test' } } });
