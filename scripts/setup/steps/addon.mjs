import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sourcesHash } from '../../../native-backend/sources.mjs';
import { isCheckout, packageFolder, paths, root } from '../paths.mjs';

/** MLX's look-ups by name, which the guards rest on, are not made on macOS. */
const guards = process.platform === 'darwin' ? null : join(dirname(paths.addon), 'libmlxrouter_guards.so');

/** Runs CMake in the folder `work` with those options of native-backend/CMakeLists.txt. */
export async function compileAddon({ options, work, log, jobs }) {
  const defines = Object.entries(options).map(([key, value]) => `--CD${key}=${value}`);
  const script = join(packageFolder('cmake-js'), 'bin', 'cmake-js');
  const common = ['--directory', root, '--out', work, '--config', 'Release', '--log-level', 'http'];
  const cmakeJs = (command, ...rest) => log.run(process.execPath, [script, command, ...common, ...rest]);
  // Configured anew each time: the paths among the options are part of the stamp, but not of CMake's own checks.
  rmSync(join(work, 'CMakeCache.txt'), { force: true });
  await cmakeJs('configure', ...defines);
  await cmakeJs('build', '--parallel', String(jobs));
}

export const addon = {
  name: 'addon',
  title: 'native addon',
  doing: 'compiling',
  // In a checkout the step before brings the packages; elsewhere they are the user's to install.
  tools: ['node', 'cmake', 'compiler', ...(isCheckout ? [] : ['cmake-js'])],
  inputs: ({ python, mlxC, blas }) => ({
    values: [python.wheel, python.mlxVersion, mlxC.version, blas.shim, process.env.CXX ?? null],
    files: [
      join(root, 'CMakeLists.txt'),
      join(paths.native, 'CMakeLists.txt'),
      join(paths.native, 'src'),
      join(paths.mlxC, 'lib'),
      join(packageFolder('cmake-js'), 'package.json'),
      join(packageFolder('node-addon-api'), 'package.json'),
    ],
  }),
  // A result without the hash is of a set-up before there was one.
  done: ({ sources }) => sources !== undefined && existsSync(paths.addon) && (guards === null || existsSync(guards)),
  async run({ context, log, jobs, force }) {
    const { python, mlxC, blas } = context;
    // Before they are compiled: what changes meanwhile may not be in the addon.
    const sources = sourcesHash(join(paths.native, 'src'));
    if (force) rmSync(paths.addonWork, { recursive: true, force: true });
    const options = {
      MLX_WHEEL: python.wheel,
      MLX_C_ROOT: paths.mlxC,
      MLX_ROUTER_BLAS: blas.shim ?? '',
      MLX_ROUTER_OUTPUT: paths.addon,
    };
    await compileAddon({ options, work: paths.addonWork, log, jobs });
    return { addon: paths.addon, guards, mlxCVersion: mlxC.version, sources };
  },
  describe: () => 'mlx_router.node',
};
