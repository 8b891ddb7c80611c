import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';

const root = import.meta.dirname;

/**
 * With `--mode built` the tests run on the modules that `npm run build` compiled and put what is published together from:
 * Node loads them four times as fast as vitest loads the sources. `--mode gpu` does the same where the default device is a
 * GPU, and skips what cannot pass there.
 */
const built: Plugin = {
  name: 'built',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.') || !source.endsWith('.ts')) return null;
    const path = relative(root, resolve(dirname(importer), source));
    const target = join(root, 'build', 'modules', path.replace(/\.ts$/, '.js'));
    return existsSync(target) ? target : null;
  },
};

/** The first run of a kernel on a GPU compiles it, up to half a minute each. */
const COMPILING_MS = 900_000;

export default defineConfig(({ mode }) => ({
  plugins: mode === 'built' || mode === 'gpu' ? [built] : [],
  test: {
    setupFiles: mode === 'gpu' ? ['tests/support/gpu/skip.ts'] : [],
    env: mode === 'gpu' ? { TEST_CHILD_MS: String(COMPILING_MS) } : {},
    environment: 'node',
    include: ['**/*.test.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/build/**', '**/.venv/**', 'vendor/**'],
    server: { deps: { external: [/\/build\/modules\//] } },
    // A native addon that loads worker threads and child processes wants a process of its own.
    pool: 'forks',
    // Tests wait for processes and clocks for much of their time: vitest's one file at a time leaves half of two cores idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Ten times what a test takes on a quiet machine, at least: other work, too, may want its cores. Those that take
    // longer than thirty seconds there have a limit of their own.
    testTimeout: mode === 'gpu' ? COMPILING_MS : 300_000,
    hookTimeout: mode === 'gpu' ? COMPILING_MS : 300_000,
    coverage: {
      include: [
        '{foundation,registry,backend,router,native-backend,python-bridge,runtime,io,mlx,parity-tests,cli}/**/*.ts',
      ],
      exclude: ['**/*.test.ts', '**/test-support/**', 'mlx/generated/**'],
      // A failed test is told apart from lines that no test runs.
      reportOnFailure: true,
      // V8 reports this process alone: what only runs in worker threads (io-thread/thread.ts) or in child processes
      // (cli/main.ts, parity-tests/child.ts) counts as not covered, though tests run it.
      thresholds: { lines: 90 },
    },
  },
}));
