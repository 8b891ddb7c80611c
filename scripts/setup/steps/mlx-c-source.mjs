import { cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SetupFailure } from '../failure.mjs';
import { paths } from '../paths.mjs';
import { capture } from '../process.mjs';

const manifest = join(paths.vendor, 'Cargo.toml');
const crate = 'mlx-sys';

/** The MLX that mlx-c was not made for, but builds and passes every test with: `npm run upgrade-mlx` notes it. */
const buildsWith = () => /^builds-with = "([\d.]+)"/m.exec(readFileSync(manifest, 'utf8'))?.[1];
const pinnedVersion = () => /mlx-sys = \{ version = "=([\d.]+)"/.exec(readFileSync(manifest, 'utf8'))?.[1];

/** Where cargo keeps the crate that contains the source; it is fetched where it is not there yet. */
async function fetchedSource({ command, env }, log) {
  const args = ['metadata', '--locked', '--format-version', '1', '--manifest-path', manifest];
  const { code, stdout, stderr } = await capture(command, args, { env });
  log.note(stderr);
  if (code !== 0)
    throw new SetupFailure('cargo could not fetch the source of mlx-c', 'check the network and try again');
  const found = JSON.parse(stdout).packages.find((entry) => entry.name === crate);
  return join(dirname(found.manifest_path), 'src', 'mlx-c');
}

/** Refuses a source that is not the pinned mlx-c, or that was made for another MLX than the installed one. */
function checkVersions(source, mlxVersion) {
  const file = join(source, 'CMakeLists.txt');
  if (!existsSync(file)) throw new SetupFailure(`no source of mlx-c in ${source}`, 'correct or unset MLX_C_SOURCE');
  const text = readFileSync(file, 'utf8');
  const version = /set\(MLX_C_VERSION ([\d.]+)\)/.exec(text)?.[1];
  const belongsTo = /GIT_TAG v?([\d.]+)/.exec(text)?.[1];
  if (version !== pinnedVersion() || ![belongsTo, buildsWith()].includes(mlxVersion)) {
    throw new SetupFailure(
      `mlx-c ${version} for MLX ${belongsTo} does not fit: mlx-c ${pinnedVersion()} for MLX ${mlxVersion} is needed`,
      'mlx in pyproject.toml and mlx-sys in vendor/mlx-c/Cargo.toml belong together',
    );
  }
  return version;
}

export const mlxCSource = {
  name: 'mlx-c-source',
  title: 'mlx-c source',
  doing: 'fetching',
  get tools() {
    return process.env.MLX_C_SOURCE ? ['node'] : ['node', 'cargo'];
  },
  inputs: (context) => ({
    values: [context.python.mlxVersion, process.env.MLX_C_SOURCE ?? null],
    files: [manifest, join(paths.vendor, 'Cargo.lock')],
  }),
  done: (result) => existsSync(join(result.folder, 'CMakeLists.txt')),
  async run({ context, log }) {
    const own = process.env.MLX_C_SOURCE;
    const source = own ? resolve(own) : await fetchedSource(context.tools.cargo, log);
    const version = checkVersions(source, context.python.mlxVersion);
    if (own) return { folder: source, version };
    // Cargo may clean its cache later; a copy in one rename is whole or absent.
    const partial = `${paths.vendoredSource}.partial`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(source, partial, { recursive: true });
    rmSync(paths.vendoredSource, { recursive: true, force: true });
    renameSync(partial, paths.vendoredSource);
    return { folder: paths.vendoredSource, version };
  },
  describe: (result) => `mlx-c ${result.version}`,
};
