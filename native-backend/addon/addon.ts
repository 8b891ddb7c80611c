import type { GroupFunctions } from '../handles/groups.ts';
import type { Dispatched, ExportFunctions } from '../transforms/exporting.ts';
import type { UnsafeFunctions } from '../unsafe.ts';

/** What an mlx-c function takes and gives, as the addon deduced it from the function's type. */
export interface CSignature {
  /** `array`, `array*2`, `arrays`; `data`: plain data. */
  readonly result: string;
  /** `array`, `arrays`, `ints`, `int64s`, `int`, `uint64`, `float`, `bool`, `string`, `dtype`, `fft_norm`, `int?` … */
  readonly parameters: readonly string[];
  readonly stream: boolean;
}

/** Arguments in C's order; a tensor is its slot; the stream's index comes last, undefined being the default one. */
export type CFunction = (...args: unknown[]) => number | number[];

/**
 * The built addon. Slots are numbers; one that the addon hands out as `~slot` has a block, and so an owner, of its own.
 * Errors are plain Errors whose `code` is one of `ERR_MLX_OPERATION`, `ERR_MLX_ARGUMENT`, `ERR_MLX_DISPOSED`,
 * `ERR_MLX_FILE`; those of `functions` come as a result, see `failure.ts`.
 */
export interface Addon extends ExportFunctions, GroupFunctions, UnsafeFunctions {
  readonly mlxVersion: string;
  /** Whether quantized products on a CPU are computed by kernels of the addon, in MLX's bits. */
  readonly quantizedKernels: boolean;
  /** Whether fused kernels on a CPU compute on several threads, in MLX's bits. */
  readonly compiledKernels: boolean;
  /** Whether functions of numbers, arithmetic, softmax, choices and reductions on a CPU are computed by kernels of the addon, in MLX's bits. */
  readonly elementwiseKernels: boolean;
  /** Whether convolutions and copies on a CPU are computed by kernels of the addon, in MLX's bits. */
  readonly convolutionKernels: boolean;
  readonly functions: Readonly<Record<string, CFunction>>;
  readonly signatures: Readonly<Record<string, CSignature>>;

  owner(block: number): object;
  /** What the addon calls when so much was made that dropped tensors should be freed. */
  setCollector(collect: () => void): void;
  /** Whether MLX keeps the kernels that it compiles for the CPU below that folder from now on; Linux alone has it. */
  setKernelFolder?(path: string): boolean;
  /** To be called while the process ends, in its main thread. */
  noteExit(status: number): void;
  sentinel(number: number): object;
  drainSentinels(): number[];
  /** The first bytes of a file, shared with every other mapping of it. */
  mapShared(descriptor: number, bytes: number): ArrayBuffer;
  /** Whether the pipe can be read without blocking; blocks for at most so many milliseconds until it can. */
  isReadable(descriptor: number, milliseconds: number): boolean;
  /** Zeros, in memory that is faster to fill for the first time than that of `new ArrayBuffer`. */
  allocate(bytes: number): ArrayBuffer;
  free(slot: number): void;
  isAlive(slot: number): boolean;
  beginScope(): void;
  endScope(keep: readonly number[]): void;
  usage(): [liveTensors: number, externalBytes: number, toldV8: number];

  create(bytes: Uint8Array, shape: readonly number[], dtype: number): number;
  scalar(value: number, dtype: number): number;
  /** The code of its dtype. */
  dtype(slot: number): number;
  /**
   * The number of dimensions. Until the next call the shape stands in `description`, and behind it the code of the dtype.
   * Where there are too many dimensions for that, a list of these.
   */
  describe(slot: number): number | number[];
  readonly description: Int32Array;
  /** `apart`: what is made for it belongs to no scope. */
  rowMajor(slot: number, apart?: boolean): number;
  bytes(slot: number): ArrayBuffer;
  item(slot: number): number | boolean | bigint | undefined;
  text(slot: number): string;
  /** How many decimals `text` gives from now on, in the whole process; -1: MLX's default. */
  setPrintPrecision(precision: number): void;
  eval(slots: readonly number[]): void;
  evalAsync(slots: readonly number[]): Promise<void>;

  /** Transforms name functions by number; `dispatch` runs one. A negative number stands for none. */
  setDispatcher(dispatch: (fn: number, ...groups: unknown[]) => ReturnType<Dispatched>): void;
  drainFunctions(): number[];
  valueAndGrad(fn: number, inputs: number[], argnums: readonly number[]): [number[], number[]];
  vjp(fn: number, primals: number[], cotangents: number[]): [number[], number[]];
  jvp(fn: number, primals: number[], tangents: number[]): [number[], number[]];
  vmapTrace(fn: number, inputs: number[], axes: readonly number[]): [number[], number[]];
  vmapReplace(
    inputs: number[],
    traced: number[],
    outputs: number[],
    inAxes: readonly number[],
    outAxes: readonly number[],
  ): number[];
  checkpoint(fn: number, inputs: number[]): number[];
  customFunction(fn: number, vjp: number, jvp: number, vmap: number, inputs: number[]): number[];
  compiled(fn: number, id: number, shapeless: boolean, inputs: number[]): number[];
  eraseCompiled(id: number): void;
  enableCompile(): void;
  disableCompile(): void;

  deviceStream(gpu: boolean): number;
  newStream(gpu: boolean): number;
  setDefaultStream(index: number): void;
  synchronize(index: number): void;
  defaultIsGpu(): boolean;
  deviceCount(gpu: boolean): number;
  deviceInfo(gpu: boolean): Record<string, string | number>;
  metalIsAvailable(): boolean;
  metalStartCapture(path: string): void;
  metalStopCapture(): void;
  cudaIsAvailable(): boolean;
  getActiveMemory(): number;
  getPeakMemory(): number;
  getCacheMemory(): number;
  clearCache(): void;
  /** Gives the system what the C library has and nobody uses. */
  returnMemory(): void;
  resetPeakMemory(): void;
  setCacheLimit(bytes: number): number;
  setMemoryLimit(bytes: number): number;
  setWiredLimit(bytes: number): number;

  /**
   * Slots of the arrays "0", "1", … of a safetensors header made by the caller, whose offsets count from the start of
   * the open file. Their values are read when they are computed, through a descriptor of the addon's own.
   */
  fileArrays(descriptor: number, header: Uint8Array, count: number, label: string): number[];
}
