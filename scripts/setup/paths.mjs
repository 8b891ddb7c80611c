import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. Every other path of the set-up hangs below it. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export const paths = {
  build: join(root, 'build'),
  logs: join(root, 'build', 'logs'),
  stamps: join(root, 'build', 'stamps'),
  lock: join(root, 'build', 'setup.lock'),
  manifest: join(root, 'build', 'setup.json'),
  venv: join(root, '.venv'),
  venvPython: join(root, '.venv', 'bin', 'python'),
  pyproject: join(root, 'pyproject.toml'),
  vendor: join(root, 'vendor', 'mlx-c'),
  vendoredSource: join(root, 'vendor', 'mlx-c', 'source'),
  mlxC: join(root, 'build', 'mlx-c'),
  blas: join(root, 'build', 'blas'),
  addonWork: join(root, 'build', 'addon'),
  addon: join(root, 'build', 'Release', 'mlx_router.node'),
  native: join(root, 'native-backend'),
  worker: join(root, 'python'),
};

/** False where mlx-router is a dependency in another package's node_modules: npm publishes no lock file. */
export const isCheckout = existsSync(join(root, 'package-lock.json'));

/** How the set-up is run here, with these options. */
export const setUpCommand = (options) => `${isCheckout ? 'npm run setup --' : 'npx mlx-router setup'} ${options}`;

const require = createRequire(join(root, 'package.json'));

/** The folder of an installed package: in node_modules here or, for mlx-router as a dependency, above. */
export function packageFolder(name) {
  return dirname(require.resolve(`${name}/package.json`));
}

/** A path as it is shown and stored: relative to the checkout, with forward slashes. */
export function shown(path) {
  return relative(root, path).replaceAll('\\', '/') || '.';
}
