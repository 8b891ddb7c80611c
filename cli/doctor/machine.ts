import { statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { onPath } from '../../foundation/system/executables.ts';
import { packageVersion, root } from '../package.ts';
import { type Check, section } from './check.ts';

const OLDEST_NODE = [20, 17] as const;
/** What containers give unless asked for more: too little for large tensors. */
const SMALL_SHARED_MEMORY = 64 * 2 ** 20;

const check = section('machine');

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const value = `${process.versions.node}, Node-API ${process.versions['napi']}`;
  return check(
    'node',
    recent ? ['ok', value] : ['problem', value, `install Node.js ${OLDEST_NODE.join('.')} or newer`],
  );
}

function sharedMemory(): Check {
  if (process.platform !== 'linux') return check('shared memory', ['info', 'not looked at on this system']);
  try {
    const { bavail, blocks, bsize } = statfsSync('/dev/shm');
    const value = `${mebibytes(bavail * bsize)} free of ${mebibytes(blocks * bsize)} in /dev/shm`;
    if (blocks * bsize > SMALL_SHARED_MEMORY) return check('shared memory', ['ok', value]);
    const repair = 'give the container more, as with docker run --shm-size=1g; until then large tensors take the pipe';
    return check('shared memory', ['warning', value, repair]);
  } catch {
    return check('shared memory', ['warning', 'no /dev/shm', 'mount it; until then large tensors take the pipe']);
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** MLX compiles fused kernels with g++ at run time, on the CPU, and says nothing where there is none. */
function compiler(): Check {
  const path = onPath('g++');
  if (path !== null) return check('g++', ['ok', path]);
  const repair = 'apt-get install g++; until then mx.compile runs unfused on the CPU';
  return check('g++', process.platform === 'linux' ? ['warning', 'not in PATH', repair] : ['info', 'not in PATH']);
}

export function machineChecks(): Check[] {
  return [
    check('mlx-router', ['ok', `${packageVersion()} in ${root}`]),
    nodeCheck(),
    check('system', ['info', `${process.platform} ${process.arch}, ${availableParallelism()} cores`]),
    sharedMemory(),
    compiler(),
  ];
}
