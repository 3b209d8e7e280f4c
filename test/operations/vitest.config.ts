import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/operations/**/*.test.ts'], env: { NODE_ENV: 'test' }, testTimeout: 120_000, hookTimeout: 120_000 } });
