import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';

/** Brings the set-up up to date, showing its own progress; false where it failed and has said why. */
export function runSetUp(...options) {
  const script = join(root, 'scripts', 'setup.mjs');
  return spawnSync(process.execPath, [script, ...options], { cwd: root, stdio: 'inherit' }).status === 0;
}
