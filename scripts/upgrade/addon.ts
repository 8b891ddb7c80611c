// Whether the addon's own C++ compiles against the headers of another MLX.
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { filesBelow } from '../../native-backend/sources.mjs';
import { packageFolder, paths, root } from '../setup/paths.mjs';

const nodeHeaders = join(process.execPath, '..', '..', 'include', 'node');

/** Reads every file of the addon with those headers, and gives what the compiler refused, each with its place. */
export async function compileAddonSources(wheel: string): Promise<string[]> {
  const includes = [
    join(paths.native, 'src'),
    join(paths.mlxC, 'include'),
    join(wheel, 'include'),
    packageFolder('node-addon-api'),
    join(packageFolder('node-api-headers'), 'include'),
    nodeHeaders,
  ];
  const options = ['-fsyntax-only', '-std=c++20', '-DNAPI_EXPERIMENTAL', '-DNAPI_VERSION=2147483647'];
  const quiet = ['-DNODE_API_EXPERIMENTAL_NO_WARNING', '-include', join(paths.vendor, 'compat', 'format.h')];
  const common = [...options, ...quiet, ...includes.flatMap((folder) => ['-I', folder])];
  const files = filesBelow(join(paths.native, 'src')).filter((file) => file.endsWith('.cc'));
  const errors: string[] = [];
  const lane = async (): Promise<void> => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) {
      const { stderr, failed } = await execa(process.env['CXX'] ?? 'g++', [...common, file], {
        reject: false,
        env: { LC_ALL: 'C' },
      });
      const lines = stderr.split('\n').filter((line) => /\berror:/.test(line));
      if (failed) errors.push(...(lines.length > 0 ? lines : [`${relative(root, file)}: the compiler failed`]));
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return errors.map((line) => line.replaceAll(`${root}/`, '')).sort();
}
