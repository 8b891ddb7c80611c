// The files of a platform package, made of what the set-up has built: each is copied, stripped, and told to look for the
// others beside itself.
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isNewerThanOldest } from '../../native-backend/compat/old-systems.mjs';
import { SetupFailure } from '../setup/failure.mjs';
import { root } from '../setup/paths.mjs';
import { capture } from '../setup/process.mjs';
import { buildCompat, checkOldSystems, compatName } from './compat.mjs';
import { changeElf, readElf } from './elf.mjs';

const BLAS = 'libmlxrouter_blas.so';
/** What the shim replaces: MLX's wheel brings a BLAS and a LAPACK with names of their own. */
const REPLACED = [/^liblapack[-.]/, /^libblas[-.]/];

async function run(command, ...args) {
  const { code, stdout, stderr } = await capture(command, args);
  if (code !== 0) throw new SetupFailure(`${command} ${args.join(' ')} failed: ${stderr}${stdout}`);
  return stdout;
}

/** Puts the files of this machine's platform into the folder, and gives the manifest's fields that name them. */
export async function collect({ folder, work, setup, arch, compiler }) {
  const paths = { addon: resolve(root, setup.addon), mlx: resolve(root, setup.mlxLibDir) };
  return process.platform === 'darwin'
    ? collectMac(folder, paths)
    : collectLinux({ folder, work, setup, arch, compiler, ...paths });
}

async function collectLinux({ folder, work, setup, arch, compiler, addon, mlx }) {
  if (!setup.blasShim)
    throw new SetupFailure('the set-up has made no BLAS shim', 'run the set-up on a machine without a GPU');
  const shim = resolve(root, setup.blasShim);
  const openblasFolder = resolve(dirname(shim), readElf(readFileSync(shim)).runpath.replace('$ORIGIN/', ''));
  const openblas = readdirSync(openblasFolder).find((file) => /^lib.*openblas.*\.so/.test(file));
  const sources = [addon, resolve(root, setup.guards), shim, join(mlx, 'libmlx.so'), join(openblasFolder, openblas)];
  await buildCompat({ arch, work, output: join(folder, compatName), compiler });
  for (const source of sources) {
    const file = join(folder, basename(source));
    await run('strip', '--strip-unneeded', '-o', file, source);
    const bytes = readFileSync(file);
    changeElf(bytes, { runpath: '$ORIGIN', needed: renamed(bytes), optional: isNewerThanOldest });
    checkOldSystems(basename(file), bytes);
    checkNeeded(basename(file), bytes, sources);
    writeFileSync(file, bytes);
  }
  return {
    addon: basename(addon),
    guards: basename(setup.guards),
    // The workers' wheel must have that very build: the one for CPUs.
    guardsFor: `mlx-cpu==${setup.mlxVersion}`,
    blasShim: BLAS,
    blas: setup.blas,
    device: 'cpu',
  };
}

/**
 * The addon and the guards for GPUs of NVIDIA. They were built against the wheel for CPUs, whose libmlx has the same
 * functions. They are loaded through links: `site` leads to Python's packages, `files` to the platform's package.
 */
export async function collectCuda({ folder, setup }) {
  const sources = { addon: resolve(root, setup.addon), guards: resolve(root, setup.guards) };
  const runpaths = { addon: '$ORIGIN/site/mlx/lib:$ORIGIN/files', guards: '$ORIGIN/site/mlx/lib' };
  for (const [kind, source] of Object.entries(sources)) {
    const file = join(folder, basename(source));
    await run('strip', '--strip-unneeded', '-o', file, source);
    const bytes = readFileSync(file);
    changeElf(bytes, { runpath: runpaths[kind] });
    // The newest that the compatibility library stands in for is what the wheel asks for itself.
    checkOldSystems(basename(file), bytes);
    checkNeeded(basename(file), bytes, ['libmlx.so', BLAS]);
    writeFileSync(file, bytes);
  }
  const wheel = `mlx-cuda-13==${setup.mlxVersion}`;
  return { addon: basename(sources.addon), guards: basename(sources.guards), wheel, device: 'gpu' };
}

/** libmlx asks for its own BLAS and LAPACK by name; it gets the shim, and what old systems lack. */
function renamed(bytes) {
  const [lapack, blas] = REPLACED.map((pattern) => readElf(bytes).needed.find((name) => pattern.test(name)));
  return { ...(lapack && { [lapack]: BLAS }), ...(blas && { [blas]: compatName }) };
}

/** Libraries that every Linux with Node.js has; nothing else may be needed from outside the package. */
const SYSTEM = /^(libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+|ld-linux-[\w-]+)\.so\.\d$/;

function checkNeeded(name, bytes, sources) {
  const own = [compatName, ...sources.map((source) => basename(source))];
  const foreign = readElf(bytes).needed.filter((needed) => !own.includes(needed) && !SYSTEM.test(needed));
  if (foreign.length > 0)
    throw new SetupFailure(`${name} needs ${foreign.join(', ')}, which the package does not hold`);
}

async function collectMac(folder, { addon, mlx }) {
  const files = [addon, join(mlx, 'libmlx.dylib')];
  for (const source of files) {
    const file = join(folder, basename(source));
    copyFileSync(source, file);
    await run('strip', '-x', file);
    const loads = await run('otool', '-l', file);
    for (const [, path] of loads.matchAll(/cmd LC_RPATH\n\s+cmdsize \d+\n\s+path (\S+)/g)) {
      await run('install_name_tool', '-delete_rpath', path, file);
    }
    await run('install_name_tool', '-add_rpath', '@loader_path', file);
    // A changed file needs a new signature, if only one without a name.
    await run('codesign', '--force', '--sign', '-', file);
  }
  const kernels = join(mlx, 'mlx.metallib');
  if (!existsSync(kernels)) throw new SetupFailure(`the wheel has no ${kernels}`);
  copyFileSync(kernels, join(folder, 'mlx.metallib'));
  return { addon: basename(addon), guards: null, guardsFor: null, blasShim: null, blas: 'Accelerate', device: 'gpu' };
}
