import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../paths.mjs';

const work = join(paths.mlxC, 'work');
const library = join(paths.mlxC, 'lib', 'libmlxc.a');

export const mlxCBuild = {
  name: 'mlx-c',
  title: 'mlx-c library',
  doing: 'building',
  tools: ['node', 'cmake', 'compiler'],
  inputs: (context) => ({
    values: [context.python.wheel, context.python.mlxVersion, context.python.device, process.env.CXX ?? null],
    files: [context.mlxCSource.folder, join(paths.vendor, 'cmake'), join(paths.vendor, 'compat')],
  }),
  done: () => existsSync(library),
  async run({ context, log, jobs, force }) {
    if (force) rmSync(paths.mlxC, { recursive: true, force: true });
    const options = {
      CMAKE_BUILD_TYPE: 'Release',
      CMAKE_INSTALL_PREFIX: paths.mlxC,
      CMAKE_INSTALL_LIBDIR: 'lib',
      CMAKE_POSITION_INDEPENDENT_CODE: 'ON',
      CMAKE_CXX_VISIBILITY_PRESET: 'hidden',
      CMAKE_CXX_FLAGS: `-include "${join(paths.vendor, 'compat', 'format.h')}"`,
      BUILD_SHARED_LIBS: 'OFF',
      MLX_C_BUILD_EXAMPLES: 'OFF',
      MLX_C_USE_SYSTEM_MLX: 'ON',
      MLX_DIR: join(paths.vendor, 'cmake'),
      MLX_WHEEL: context.python.wheel,
    };
    const defines = Object.entries(options).map(([key, value]) => `-D${key}=${value}`);
    // A cache of another source, compiler or wheel is refused or, worse, used: start over instead.
    rmSync(join(work, 'CMakeCache.txt'), { force: true });
    await log.run('cmake', ['-S', context.mlxCSource.folder, '-B', work, '-Wno-dev', ...defines]);
    await log.run('cmake', ['--build', work, '--parallel', String(jobs)]);
    await log.run('cmake', ['--install', work]);
    return { library, include: join(paths.mlxC, 'include'), version: context.mlxCSource.version };
  },
  describe: (result) => `libmlxc.a ${result.version}`,
};
