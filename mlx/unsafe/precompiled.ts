import type { Tensor } from '../../router/tensors/tensor.ts';
import { nativeBackend } from '../../runtime/runtime.ts';
import {
  adopted,
  checkedLaunch,
  isCount,
  isFlag,
  isText,
  known,
  LAUNCH_OPTIONS,
  type Launch,
  option,
} from './launch.ts';

export interface PrecompiledCudaKernelOptions extends Launch {
  readonly name: string;
  /** PTX or cubin. */
  readonly compiledSource: Uint8Array;
  /** Passed behind the arrays: booleans, integers as int, other numbers as float. */
  readonly scalars?: readonly (number | boolean)[];
  /** Bytes of dynamic shared memory. */
  readonly sharedMemory?: number;
  readonly ensureRowContiguous?: boolean;
}

const isScalars = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'number' || isFlag(item));

/**
 * Runs a kernel that was compiled before; the outputs are computed when they are evaluated.
 * @throws OperationError with MLX's words where MLX was built without CUDA.
 */
export function precompiledCudaKernel(options: PrecompiledCudaKernelOptions): Tensor[] {
  const operation = 'unsafe.precompiledCudaKernel';
  known(operation, options, [
    ...LAUNCH_OPTIONS,
    'name',
    'compiledSource',
    'scalars',
    'sharedMemory',
    'ensureRowContiguous',
  ]);
  const given: object = { scalars: [], sharedMemory: 0, ensureRowContiguous: false, ...options };
  const name = option<string>(operation, given, 'name', 'a string', isText);
  const isBytes = (value: unknown) => value instanceof Uint8Array;
  const binary = option<Uint8Array>(operation, given, 'compiledSource', 'a Uint8Array', isBytes);
  const scalars = option<number[]>(operation, given, 'scalars', 'a list of numbers and booleans', isScalars);
  const shared = option<number>(operation, given, 'sharedMemory', 'a number of bytes', isCount);
  const inRows = option<boolean>(operation, given, 'ensureRowContiguous', 'a boolean', isFlag);
  const { inputs, grid, threads, shapes, dtypes, initValue, stream } = checkedLaunch(operation, options);
  const slots = nativeBackend.run(operation, (addon) =>
    addon.runCudaBinary(
      name,
      binary,
      inputs,
      scalars,
      grid,
      threads,
      shapes,
      dtypes,
      initValue,
      shared,
      inRows,
      stream,
    ),
  );
  return adopted(slots);
}
