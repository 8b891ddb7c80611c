import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['**/*.test.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/build/**', '**/.venv/**', 'vendor/**'],
    // A native addon that loads worker threads and child processes wants a process of its own.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      include: ['{registry,router,native-backend,python-bridge,mlx,parity-tests,cli}/**/*.ts'],
      exclude: ['**/*.test.ts', 'mlx/generated/**'],
    },
  },
});
