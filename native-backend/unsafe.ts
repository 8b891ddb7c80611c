/** A kernel that the addon holds; it exists as long as this object. */
export type KernelHandle = object;

/** A dtype's code in a list of one, an integer, or a boolean. */
export type TemplateValue = readonly [code: number] | number | boolean;

/** The addon's functions that can end the process, when what they are given is wrong. */
export interface UnsafeFunctions {
  /** The address of the first element of an evaluated row-major array. */
  address(slot: number): bigint;
  /** An ArrayBuffer over the array's own memory, which holds a reference to the array. */
  memory(slot: number): ArrayBuffer;

  metalKernel(
    name: string,
    inputs: readonly string[],
    outputs: readonly string[],
    source: string,
    header: string,
    inRows: boolean,
    atomicOutputs: boolean,
  ): KernelHandle;
  cudaKernel(
    name: string,
    inputs: readonly string[],
    outputs: readonly string[],
    source: string,
    header: string,
    inRows: boolean,
    sharedMemory: number,
  ): KernelHandle;
  applyMetalKernel: ApplyKernel;
  applyCudaKernel: ApplyKernel;
  runCudaBinary(
    name: string,
    binary: Uint8Array,
    inputs: readonly number[],
    scalars: readonly (number | boolean)[],
    grid: readonly number[],
    threads: readonly number[],
    shapes: readonly (readonly number[])[],
    dtypes: readonly number[],
    initValue: number | undefined,
    sharedMemory: number,
    inRows: boolean,
    stream: number | undefined,
  ): number[];
}

export type ApplyKernel = (
  kernel: KernelHandle,
  inputs: readonly number[],
  template: readonly (readonly [string, TemplateValue])[],
  grid: readonly number[],
  threads: readonly number[],
  shapes: readonly (readonly number[])[],
  dtypes: readonly number[],
  initValue: number | undefined,
  verbose: boolean,
  stream: number | undefined,
) => number[];
