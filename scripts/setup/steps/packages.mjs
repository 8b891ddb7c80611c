import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCheckout, root } from '../paths.mjs';

const lock = (path) => {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/** Whether node_modules holds what package-lock.json names. */
function installed() {
  // Where mlx-router is a dependency, its packages were installed with it.
  if (!isCheckout) return true;
  const wanted = lock('package-lock.json');
  // npm writes this file last, so an interrupted installation has none.
  const present = lock('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || present[path]?.version === entry.version,
  );
}

function summary() {
  return { count: Object.keys(lock('node_modules/.package-lock.json') ?? {}).length };
}

export const packages = {
  name: 'packages',
  title: 'npm packages',
  doing: 'installing',
  tools: ['node'],
  inputs: () => ({ values: [process.versions.modules], files: [join(root, 'package-lock.json')] }),
  done: () => installed(),
  // Installed by this script or by hand: only their presence counts.
  adopt: () => (installed() ? summary() : undefined),
  async run({ log }) {
    // No package needs its install script: the binaries of esbuild and msgpackr come as packages of their own.
    await log.run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
    return summary();
  },
  describe: (result) => (isCheckout ? `${result.count} packages` : ''),
};
