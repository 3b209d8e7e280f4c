import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/php/**/*.test.ts'], testTimeout: 120_000 } });
