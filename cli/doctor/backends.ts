import { existsSync } from 'node:fs';
import type { BackendStatus } from '../../backend/backend.ts';
import { MLX_VERSION } from '../../foundation/system/pins.ts';
import { isCheckout, pythonCommand, setUpCommand } from '../../foundation/system/set-up.ts';
import { builtBlas } from '../package.ts';
import { type Check, section } from './check.ts';
import { deviceCheck } from './device.ts';
import { activeBlas, type Blas, childrenRunning, libraryNamed, mappedLibraries } from './maps.ts';

const REFERENCE_BLAS = 'the reference BLAS of the wheel, about 25 times slower';

function blasCheck(
  check: ReturnType<typeof section>,
  blas: Blas,
  device: string | undefined,
  name: string | undefined,
) {
  if (process.platform === 'darwin') return check('BLAS', ['ok', 'Accelerate, as always on macOS']);
  const value = blas.active === 'openblas' ? `${name ?? 'OpenBLAS'} (${blas.evidence})` : undefined;
  if (value !== undefined) return check('BLAS', ['ok', value]);
  if (blas.active === 'unknown' || device === 'gpu')
    return check('BLAS', ['info', `${blas.active} (${blas.evidence})`]);
  if (builtBlas().shim === null) {
    return check('BLAS', [
      'warning',
      `${REFERENCE_BLAS} (${blas.evidence})`,
      `${setUpCommand('--only blas')}, then ${setUpCommand()}`,
    ]);
  }
  return check('BLAS', ['warning', `${REFERENCE_BLAS} (${blas.evidence})`, setUpCommand('--force')]);
}

export function nativeChecks(status: BackendStatus): Check[] {
  const check = section('native');
  if (!status.available) return [check('backend', ['problem', status.problem ?? 'unavailable', nativeRepair(status)])];
  const libraries = mappedLibraries('self');
  const { details } = status;
  return [
    check('backend', [
      'ok',
      `${details['functions']} functions of mlx-c ${details['mlxC'] ?? 'of an unknown version'}`,
    ]),
    check('mlx', ['ok', status.mlxVersion ?? 'unknown']),
    deviceCheck(status),
    blasCheck(check, activeBlas(libraries), status.device, status.blas),
    check('addon', ['info', String(details['addon'])]),
    check('libmlx', ['info', libraryNamed(libraries, 'libmlx.') ?? 'not listed by the system']),
    kernelsCheck(check, details['kernels'] ?? null),
    check('quantized', [
      'info',
      `products on a CPU by ${details['quantizedKernels'] === true ? 'AVX2 kernels' : 'MLX'}`,
    ]),
    check('elementwise', [
      'info',
      `functions, arithmetic, softmax and reductions on a CPU by ${details['elementwiseKernels'] === true ? 'AVX2 kernels and several threads' : 'MLX'}`,
    ]),
    check('convolution', [
      'info',
      `convolutions and copies on a CPU by ${details['convolutionKernels'] === true ? 'AVX2 kernels and several threads' : 'MLX'}`,
    ]),
    check('fused', [
      'info',
      `fused kernels on a CPU by ${details['compiledKernels'] === true ? 'several threads' : 'one thread'}`,
    ]),
  ];
}

/** Where MLX keeps what it compiles for the CPU. */
function kernelsCheck(check: ReturnType<typeof section>, folder: string | number | boolean | null): Check {
  if (folder !== null) return check('kernels', ['info', String(folder)]);
  if (process.platform !== 'linux') return check('kernels', ['info', "in the user's temporary folder"]);
  const value = 'in the temporary folder, which others may write to';
  return check('kernels', ['warning', value, 'let XDG_CACHE_HOME or TMPDIR name a folder of yours']);
}

function nativeRepair({ problem = '' }: BackendStatus): string {
  const wanted = process.env['MLX_ROUTER_ADDON'];
  if (wanted === 'off') return 'unset MLX_ROUTER_ADDON';
  if (wanted) return `unset MLX_ROUTER_ADDON, or let it name a built mlx_router.node (it names ${wanted})`;
  if (/libmlx|undefined symbol|MLX \d/.test(problem)) return setUpCommand('--force');
  return setUpCommand();
}

export function pythonChecks(status: BackendStatus, checkout = isCheckout()): Check[] {
  const check = section('python');
  const { details } = status;
  const python = details['python'];
  const found = check('interpreter', ['info', python === null ? 'none' : `${python} (by ${details['found by']})`]);
  if (!status.available) {
    return [check('backend', ['problem', status.problem ?? 'unavailable', pythonRepair(status, checkout)]), found];
  }
  const [pid] = childrenRunning(String(details['worker script']));
  const libraries = pid === undefined ? undefined : mappedLibraries(pid);
  const blas: Blas =
    libraries === undefined && status.blas === 'openblas'
      ? { active: 'openblas', evidence: 'as the worker says' }
      : activeBlas(libraries);
  return [
    check('backend', ['ok', `${details['workers']} of ${details['pool size']} workers run`]),
    check('mlx', ['ok', `${status.mlxVersion} on Python ${details['python version']}`]),
    check('device', ['info', status.device ?? 'unknown']),
    blasCheck(check, blas, status.device, builtBlas().name ?? undefined),
    found,
    check('large arrays', ['info', String(details['shared memory'])]),
    check('worker', ['info', String(details['worker script'])]),
    check('libmlx', ['info', libraryNamed(libraries, 'libmlx.') ?? 'not listed by the system']),
  ];
}

function pythonRepair({ problem = '', details }: BackendStatus, checkout: boolean): string {
  const named = process.env['MLX_ROUTER_PYTHON'];
  const python = details['python'];
  if (python === null)
    return named ? `unset MLX_ROUTER_PYTHON, or let it name a Python ≥ 3.10` : pythonCommand('', checkout);
  if (!existsSync(String(details['worker script']))) return 'install mlx-router again: its Python files are gone';
  if (/No module named|import/i.test(problem)) {
    const install = `${python} -m pip install "mlx[cpu]==${MLX_VERSION}" msgpack`;
    return named ? `unset MLX_ROUTER_PYTHON, or ${install}` : pythonCommand('', checkout);
  }
  return named ? 'unset MLX_ROUTER_PYTHON' : pythonCommand('--force', checkout);
}

/** Whether both sides are of the version that this package was proven with. */
export function pinChecks(native: BackendStatus, python: BackendStatus): Check[] {
  const check = section('together');
  const sides = { native: native.mlxVersion, python: python.mlxVersion };
  const known = Object.entries(sides).filter(([, version]) => version !== undefined);
  const wrong = known.filter(([, version]) => version !== MLX_VERSION);
  const value = known.map(([side, version]) => `${side} ${version}`).join(', ') || 'no backend to ask';
  if (known.length === 0) return [check('pin', ['info', `MLX ${MLX_VERSION}: ${value}`])];
  if (wrong.length === 0) return [check('pin', ['ok', `MLX ${MLX_VERSION}: ${value}`])];
  const repair = wrong.some(([side]) => side === 'native') ? setUpCommand('--force') : pythonCommand('--force');
  return [check('pin', ['problem', `MLX ${MLX_VERSION}: ${value}`, repair])];
}
