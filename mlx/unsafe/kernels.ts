import { Dtype } from '../../foundation/values/dtypes.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { nativeBackend } from '../../runtime/runtime.ts';
import {
  adopted,
  checkedLaunch,
  isCount,
  isFlag,
  isText,
  isTexts,
  known,
  LAUNCH_OPTIONS,
  type Launch,
  option,
} from './launch.ts';

type Addon = typeof nativeBackend.addon;
type KernelHandle = ReturnType<Addon['metalKernel']>;
/** A dtype's code in a list of one, an integer, or a boolean. */
type TemplateValue = readonly [code: number] | number | boolean;

export interface KernelOptions {
  readonly name: string;
  /** The names of the inputs in the source. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** The body of the kernel; MLX writes the function around it. */
  readonly source: string;
  /** What stands before the function. */
  readonly header?: string;
  /** Inputs are made row-major before; true if left out. */
  readonly ensureRowContiguous?: boolean;
}

export interface MetalKernelOptions extends KernelOptions {
  /** Outputs are `device atomic<T>`. */
  readonly atomicOutputs?: boolean;
}

export interface CudaKernelOptions extends KernelOptions {
  /** Bytes of dynamic shared memory. */
  readonly sharedMemory?: number;
}

export interface KernelCall extends Launch {
  /** Template parameters: dtypes, integers and booleans by name. */
  readonly template?:
    | Readonly<Record<string, Dtype | number | boolean>>
    | readonly (readonly [string, Dtype | number | boolean])[];
  /** MLX prints the source that it compiles. */
  readonly verbose?: boolean;
}

/** Builds the graph node that runs the kernel; the outputs are computed when they are evaluated. */
export type Kernel = (call: KernelCall) => Tensor[];

const COMMON = ['name', 'inputNames', 'outputNames', 'source', 'header', 'ensureRowContiguous'];

type Source = [name: string, inputs: string[], outputs: string[], source: string, header: string, inRows: boolean];

function readSource(operation: string, options: object): Source {
  const given: object = { header: '', ensureRowContiguous: true, ...options };
  return [
    option(operation, given, 'name', 'a string', isText),
    option(operation, given, 'inputNames', 'a list of strings', isTexts),
    option(operation, given, 'outputNames', 'a list of strings', isTexts),
    option(operation, given, 'source', 'a string', isText),
    option(operation, given, 'header', 'a string', isText),
    option(operation, given, 'ensureRowContiguous', 'a boolean', isFlag),
  ];
}

function readTemplate(operation: string, call: KernelCall): [string, TemplateValue][] {
  const { template = [] } = call;
  const pairs: readonly (readonly unknown[])[] = Array.isArray(template) ? template : Object.entries(template);
  return pairs.map((pair) => {
    const at = { name: pair[0], value: pair[1] };
    const isValue = (value: unknown) => value instanceof Dtype || isFlag(value) || Number.isInteger(value);
    const name = option<string>(operation, at, 'name', 'the name of a template parameter', isText);
    const value = option<Dtype | number | boolean>(operation, at, 'value', 'a dtype, an integer or a boolean', isValue);
    return [name, value instanceof Dtype ? [value.code] : value];
  });
}

function kernel(operation: string, handle: KernelHandle, apply: (addon: Addon) => Addon['applyMetalKernel']): Kernel {
  return (call) => {
    known(operation, call, [...LAUNCH_OPTIONS, 'template', 'verbose']);
    const template = readTemplate(operation, call);
    const verbose = option<boolean>(operation, { verbose: false, ...call }, 'verbose', 'a boolean', isFlag);
    const { inputs, grid, threads, shapes, dtypes, initValue, stream } = checkedLaunch(operation, call);
    const slots = nativeBackend.run(operation, (addon) =>
      apply(addon)(handle, inputs, template, grid, threads, shapes, dtypes, initValue, verbose, stream),
    );
    return adopted(slots);
  };
}

/**
 * A Metal kernel from its source, compiled when it first runs. Python's `mx.fast.metal_kernel`, but its
 * `compile_options`, which mlx-c cannot pass.
 * @throws OperationError with MLX's words when it is run without a Metal GPU.
 */
export function metalKernel(options: MetalKernelOptions): Kernel {
  const operation = 'unsafe.metalKernel';
  known(operation, options, [...COMMON, 'atomicOutputs']);
  const source = readSource(operation, options);
  const atomic = option<boolean>(operation, { atomicOutputs: false, ...options }, 'atomicOutputs', 'a boolean', isFlag);
  const handle = nativeBackend.run(operation, (addon) => addon.metalKernel(...source, atomic));
  return kernel(operation, handle, (addon) => addon.applyMetalKernel);
}

/**
 * A CUDA kernel from its source, compiled when it first runs. Python's `mx.fast.cuda_kernel`.
 * @throws OperationError with MLX's words where MLX was built without CUDA.
 */
export function cudaKernel(options: CudaKernelOptions): Kernel {
  const operation = 'unsafe.cudaKernel';
  known(operation, options, [...COMMON, 'sharedMemory']);
  const source = readSource(operation, options);
  const shared = option<number>(
    operation,
    { sharedMemory: 0, ...options },
    'sharedMemory',
    'a number of bytes',
    isCount,
  );
  const handle = nativeBackend.run(operation, (addon) => addon.cudaKernel(...source, shared));
  return kernel(operation, handle, (addon) => addon.applyCudaKernel);
}
