import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from '../failure.mjs';
import { isCheckout, paths, setUpCommand } from '../paths.mjs';
import { capture } from '../process.mjs';

const kinds = ['cpu', 'cuda', 'metal'];

/** Which build of MLX fits this machine; `MLX_SETUP_DEVICE` decides instead where it is set. */
async function deviceKind() {
  const forced = process.env.MLX_SETUP_DEVICE;
  if (forced) {
    if (kinds.includes(forced)) return forced;
    throw new SetupFailure(`MLX_SETUP_DEVICE is "${forced}"`, `set it to one of ${kinds.join(', ')}, or unset it`);
  }
  if (process.platform === 'darwin') return 'metal';
  if (process.platform !== 'linux') {
    throw new SetupFailure(`MLX has no build for ${process.platform}`, 'use Linux, macOS, or WSL 2 on Windows');
  }
  return (await capture('nvidia-smi', ['-L'])).stdout.includes('GPU 0') ? 'cuda' : 'cpu';
}

// tomllib came with Python 3.11; before it, pip contains a copy.
const readRequirements = `
import sys
try:
    import tomllib
except ModuleNotFoundError:
    from pip._vendor import tomli as tomllib
with open(sys.argv[1], "rb") as file:
    pins = tomllib.load(file)
extra = pins["project"]["optional-dependencies"][sys.argv[2]]
tools = pins["dependency-groups"]["dev"] if sys.argv[3] == "dev" else []
print("\\n".join([*pins["project"]["dependencies"], *extra, *tools]))
`;

// MLX itself is not imported here: it takes its BLAS from what was loaded before it.
const describeEnvironment = `
import importlib.metadata as metadata, importlib.util as util, json, platform
def folder(name):
    spec = util.find_spec(name)
    return list(spec.submodule_search_locations)[0] if spec else None
def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
print(json.dumps({
    "pythonVersion": platform.python_version(),
    "mlxVersion": version("mlx"),
    "wheel": folder("mlx"),
    "openblas": folder("scipy_openblas32"),
    "openblasVersion": version("scipy-openblas32"),
}))
`;

/** Whether there is an environment to go on with: pip runs, and its scripts name this folder, not one moved away. */
async function environmentWorks() {
  const activate = join(paths.venv, 'bin', 'activate');
  if (!existsSync(activate) || !readFileSync(activate, 'utf8').includes(paths.venv)) return false;
  return (await capture(paths.venvPython, ['-m', 'pip', '--version'])).code === 0;
}

export const python = {
  name: 'python',
  title: 'Python environment',
  doing: 'installing MLX',
  tools: ['node', 'python'],
  async inputs(context) {
    context.device = await deviceKind();
    return { values: [context.device], files: [paths.pyproject] };
  },
  done: (result) => existsSync(paths.venvPython) && existsSync(result.wheel),
  async run({ context, log, force }) {
    if (force || !(await environmentWorks())) {
      rmSync(paths.venv, { recursive: true, force: true });
      await log.run(context.tools.python.command, ['-m', 'venv', paths.venv]);
    }
    const which = [paths.pyproject, context.device, isCheckout ? 'dev' : 'use'];
    const listed = await capture(paths.venvPython, ['-c', readRequirements, ...which]);
    if (listed.code !== 0) throw new SetupFailure(`pyproject.toml could not be read: ${listed.stderr}`);
    const requirements = listed.stdout.trim().split('\n');
    const options = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
    await log.run(paths.venvPython, ['-m', 'pip', 'install', ...options, ...requirements]);

    // -I: the working directory holds a folder `mlx` of ours, which Python would take for a part of the package.
    const described = await capture(paths.venvPython, ['-I', '-c', describeEnvironment]);
    if (described.code !== 0) throw new SetupFailure(`the Python environment is broken: ${described.stderr}`);
    const found = JSON.parse(described.stdout);
    if (!found.wheel || !existsSync(join(found.wheel, 'lib'))) {
      throw new SetupFailure('the wheel of MLX holds no library', setUpCommand('--force'));
    }
    return { ...found, device: context.device };
  },
  describe: (result) => `mlx ${result.mlxVersion} (${result.device}), Python ${result.pythonVersion}`,
};
