import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Installs packages beside the place's app, without touching what is installed there; gives the paths of their files. */
export function add(place, ...packages) {
  return addTo(join(place.app, '..', 'tools'), packages);
}

/** Where the app finds them by their names. */
export function addAround(place, ...packages) {
  return addTo(join(place.app, '..'), packages);
}

function addTo(folder, packages) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...options, ...packages], { cwd: folder, stdio: 'inherit' });
  return (...path) => join(folder, 'node_modules', ...path);
}
