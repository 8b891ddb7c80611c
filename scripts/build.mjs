#!/usr/bin/env node
// `npm run build`: compiles the product to dist/, from scratch, so that nothing of a deleted file stays behind. With
// `--noCheck` types are not checked, for a caller that has checked them.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup/paths.mjs';

const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0) chmodSync(join(dist, 'cli', 'main.js'), 0o755);
process.exitCode = status ?? 1;
