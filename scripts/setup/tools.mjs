import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { packageFolder } from './paths.mjs';
import { capture } from './process.mjs';

const buildPackages = ['cmake-js', 'node-addon-api'];

const repairs = {
  'cmake-js': { any: `npm install --save-dev ${buildPackages.map((name) => `${name}@8`).join(' ')}` },
  node: { any: 'install Node.js 20.17 or newer: https://nodejs.org/en/download' },
  python: { linux: 'apt-get install python3 python3-venv', darwin: 'brew install python@3.12' },
  'python-venv': { linux: 'apt-get install python3-venv', darwin: 'brew install python@3.12' },
  cmake: { linux: 'apt-get install cmake make', darwin: 'brew install cmake' },
  make: { linux: 'apt-get install make', darwin: 'xcode-select --install' },
  compiler: { linux: 'apt-get install g++', darwin: 'xcode-select --install' },
  cargo: { any: 'install Rust from https://rustup.rs, or point MLX_C_SOURCE to a checkout of mlx-c' },
};

function repair(tool) {
  const ways = repairs[tool];
  return ways[process.platform] ?? ways.any ?? ways.linux;
}

const parts = (version) => version.split('.').map(Number);

/** Whether a dotted version is at least another one. */
export function atLeast(version, minimum) {
  const have = parts(version);
  const need = parts(minimum);
  for (const [index, wanted] of need.entries()) {
    const found = have[index] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

/** The first executable of that name on PATH, or undefined. */
function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, name);
    if (folder && existsSync(candidate)) return candidate;
  }
  return undefined;
}

async function versionOf(command, pattern, args = ['--version'], env = process.env) {
  const { code, stdout, stderr } = await capture(command, args, { env });
  if (code !== 0) return undefined;
  return pattern.exec(`${stdout}\n${stderr}`)?.[1];
}

/** What compiles the addon comes from npm, and only those who build it need it. */
async function findBuildPackages() {
  const absent = buildPackages.filter((name) => !isInstalled(name));
  if (absent.length > 0) throw missing('cmake-js', `npm's ${absent.join(' and ')}`);
  return { version: JSON.parse(readFileSync(join(packageFolder('cmake-js'), 'package.json'), 'utf8')).version };
}

function isInstalled(name) {
  try {
    return existsSync(packageFolder(name));
  } catch {
    return false;
  }
}

function missing(tool, what, detail = 'was not found') {
  return new SetupFailure(`${what} ${detail}`, repair(tool));
}

async function findNode() {
  const version = process.versions.node;
  if (!atLeast(version, '20.17')) throw missing('node', 'Node.js 20.17 or newer', `is needed, this is ${version}`);
  return { version };
}

export async function findPython() {
  const probe = 'import ensurepip, sys, venv; print("Python %d.%d.%d" % sys.version_info[:3])';
  const names = [process.env.PYTHON, 'python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  const rejected = [];
  for (const command of names.filter(Boolean)) {
    const version = await versionOf(command, /Python (\d+\.\d+\.\d+)/);
    if (version === undefined) continue;
    if (!atLeast(version, '3.10')) rejected.push(`${command} is ${version}`);
    else if (await versionOf(command, /Python (\S+)/, ['-c', probe])) return { command, version };
    else rejected.push(`${command} ${version} cannot make virtual environments`);
  }
  const lacksVenv = rejected.some((reason) => reason.includes('virtual'));
  const detail = rejected.length > 0 ? `was not found (${rejected.join('; ')})` : undefined;
  throw missing(lacksVenv ? 'python-venv' : 'python', 'Python 3.10 or newer with venv', detail);
}

export async function findCmake() {
  const version = await versionOf('cmake', /version (\d+\.\d+\.\d+)/);
  if (version === undefined) throw missing('cmake', 'cmake');
  if (!atLeast(version, '3.21')) throw missing('cmake', 'cmake 3.21 or newer', `is needed, this is ${version}`);
  if (!process.env.CMAKE_GENERATOR && !onPath('make') && !onPath('ninja')) throw missing('make', 'make (or ninja)');
  return { version };
}

export async function findCompiler() {
  const command = process.env.CXX ?? ['c++', 'g++', 'clang++'].find(onPath);
  if (command === undefined) throw missing('compiler', 'a C++20 compiler');
  const check = ['-std=c++20', '-fsyntax-only', '-x', 'c++', '-'];
  const { code } = await capture(command, check, { input: '#include <concepts>\n#include <string>\nint main() {}\n' });
  if (code !== 0) throw missing('compiler', 'a C++20 compiler', `is needed, ${command} does not take C++20`);
  return { command, version: (await versionOf(command, /(\d+\.\d+\.\d+)/)) ?? 'unknown' };
}

/**
 * Cargo, with the environment to call it with. Rustup's cargo looks for its toolchains below HOME: under another
 * HOME than the one that it was installed for it finds none, so their place is passed to it.
 */
export async function findCargo() {
  const found = onPath('cargo');
  if (found === undefined) throw missing('cargo', 'cargo');
  const beside = [found, realpathSync(found)].map((path) => join(dirname(path), '..', '..', '.rustup'));
  const homes = process.env.RUSTUP_HOME ? [] : beside.filter((path) => existsSync(path));
  for (const home of [undefined, ...homes]) {
    const env = home ? { ...process.env, RUSTUP_HOME: home } : process.env;
    const version = await versionOf(found, /cargo (\d+\.\d+\.\d+)/, ['--version'], env);
    if (version === undefined) continue;
    if (!atLeast(version, '1.70')) throw missing('cargo', 'cargo 1.70 or newer', `is needed, this is ${version}`);
    return { command: found, version, env };
  }
  throw missing('cargo', 'cargo', `is at ${found} but does not run (rustup without a toolchain?)`);
}

export const finders = {
  'cmake-js': findBuildPackages,
  node: findNode,
  python: findPython,
  cmake: findCmake,
  compiler: findCompiler,
  cargo: findCargo,
};
