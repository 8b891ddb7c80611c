import { isMainThread } from 'node:worker_threads';
import type {
  Backend,
  BackendStatus,
  DefaultStream,
  PreparedCall,
  Printing,
  Scalars,
  ScopeStack,
  SessionTensors,
  TensorInfo,
} from '../backend/backend.ts';
import { VersionMismatchError } from '../foundation/errors/errors.ts';
import { type Dtype, dtypeOfCode, int32 } from '../foundation/values/dtypes.ts';
import { encode } from '../foundation/values/elements.ts';
import { type Handle, Scalar, type StreamRef } from '../foundation/values/values.ts';
import { type Operation, qualifiedName } from '../registry/operation.ts';
import type { Addon, CSignature } from './addon/addon.ts';
import { typedError } from './addon/errors.ts';
import { type Loaded, loadAddon, type PassedOver } from './addon/loader.ts';
import { Marshal } from './calls/marshal.ts';
import { planCall } from './calls/plan.ts';
import { collectYoung } from './handles/collect.ts';
import { Slots } from './handles/slots.ts';
import { LOWERINGS } from './lowerings/index.ts';
import type { LoweringContext } from './lowerings/lowering.ts';
import { NativeTransforms } from './transforms/transforms.ts';

interface Ready extends Loaded {
  readonly kernels: string | null;
  readonly slots: Slots;
  readonly marshal: Marshal;
  readonly context: LoweringContext;
  readonly transforms: NativeTransforms;
}

function describe(addon: Addon, { slot }: Handle): TensorInfo {
  const described = addon.describe(slot);
  const [ndim, numbers] =
    typeof described === 'number' ? [described, addon.description] : [described.length - 1, described];
  const shape: number[] = [];
  for (let axis = 0; axis < ndim; axis++) shape.push(numbers[axis] as number);
  return { shape, dtype: dtypeOfCode(numbers[ndim] as number) };
}

function loweringContext(addon: Addon, slots: Slots, marshal: Marshal): LoweringContext {
  // Lowerings ask for one shape several times. Kept for the length of a call: a list here would retain tensors.
  let known = new Map<Handle, TensorInfo>();
  const info = (handle: Handle): TensorInfo => {
    let found = known.get(handle);
    if (found === undefined) {
      found = describe(addon, handle);
      known.set(handle, found);
    }
    return found;
  };
  return {
    shape: (handle) => info(handle).shape,
    dtype: (handle) => info(handle).dtype,
    // Not `clear()`: the table that a map leaves behind then refers to the next one, so that from the first that V8 counts
    // as old they keep each other, with all that was ever in them, until a full collection.
    forget: () => {
      if (known.size > 0) known = new Map();
    },
    scalar: (value, dtype) => marshal.scalar(new Scalar(value, dtype)),
    integers: (values, shape) => slots.adopt(addon.create(encode(values, int32), shape, int32.code)),
  };
}

/** Otherwise all would run on the CPU, slowly and without a visible reason. */
function warnOfPassing({ name, cause, repair }: PassedOver): void {
  const text = `${name} cannot be used, so this process computes on the CPU: ${repair}. Tried:\n  ${cause}`;
  process.emitWarning(text, 'MlxRouterWarning');
}

export interface NativeBackendOptions {
  /** Where MLX is to keep the kernels that it compiles for the CPU; undefined: where it chooses. */
  readonly kernelFolder?: (() => string | undefined) | undefined;
}

/** MLX in this process, through the addon. Loads it at the first use. */
export class NativeBackend implements Backend {
  readonly name = 'native';
  #ready: Ready | undefined;
  #problem: Error | undefined;
  readonly #calls = new WeakMap<Operation, PreparedCall>();
  readonly #options: NativeBackendOptions;

  readonly printing: Printing = {
    text: (handle, precision) => {
      const text = this.#run(({ addon }) => {
        addon.setPrintPrecision(precision);
        return addon.text(handle.slot);
      });
      // Python's binding writes booleans its own way.
      return text.endsWith('dtype=bool)') ? text.replaceAll('true', 'True').replaceAll('false', 'False') : text;
    },
  };

  readonly scalars: Scalars = {
    item: (handle) => {
      try {
        return this.#load().addon.item(handle.slot);
      } catch (error) {
        throw typedError(error);
      }
    },
  };

  readonly scopes: ScopeStack = {
    begin: () => this.#tryLoad()?.addon.beginScope(),
    end: (keep) => {
      this.#ready?.marshal.forgetScalars();
      this.#ready?.addon.endScope(keep.map((handle) => handle.slot));
    },
  };

  readonly sessions: SessionTensors = {
    watch: (current) => this.#tryLoad()?.slots.watchSessions(current),
    own: (handle, session) => this.#ready?.slots.own(handle, session),
    end: (session) => {
      this.#ready?.marshal.forgetScalars();
      this.#ready?.slots.endSession(session);
    },
  };

  readonly streams: DefaultStream = {
    set: (stream) => {
      const { addon } = this.#load();
      addon.setDefaultStream(
        stream === undefined ? addon.deviceStream(addon.defaultIsGpu()) : this.streamIndex(stream),
      );
    },
  };

  constructor(options: NativeBackendOptions = {}) {
    this.#options = options;
  }

  status(start: boolean): BackendStatus {
    if (start) this.#tryLoad();
    if (this.#ready === undefined) {
      return { available: false, problem: this.#problem?.message ?? 'not loaded yet', details: {} };
    }
    const { addon, path, files, kernels, passedOver } = this.#ready;
    const [liveTensors, externalBytes] = addon.usage();
    return {
      available: true,
      mlxVersion: addon.mlxVersion,
      device: addon.defaultIsGpu() ? 'gpu' : 'cpu',
      ...(files?.blas == null ? {} : { blas: files.blas }),
      details: {
        addon: path,
        ...(passedOver && { passedOver: `${passedOver.name}: ${passedOver.cause}`, repair: passedOver.repair }),
        mlxC: files?.mlxCVersion ?? null,
        functions: Object.keys(addon.functions).length,
        kernels,
        quantizedKernels: addon.quantizedKernels,
        compiledKernels: addon.compiledKernels,
        elementwiseKernels: addon.elementwiseKernels,
        convolutionKernels: addon.convolutionKernels,
        liveTensors,
        externalBytes,
        activeMemory: addon.getActiveMemory(),
        cacheMemory: addon.getCacheMemory(),
      },
    };
  }

  /** What the addon says of its functions; undefined where it cannot be loaded. */
  signatures(): Readonly<Record<string, CSignature>> | undefined {
    return this.#tryLoad()?.addon.signatures;
  }

  get transforms(): NativeTransforms {
    return this.#load().transforms;
  }

  /** The addon's functions beside tensors: files, devices, memory, sentinels. */
  get addon(): Addon {
    return this.#load().addon;
  }

  /** Runs one of the addon's own functions; what it throws names the public one. */
  run<T>(name: string, use: (addon: Addon) => T): T {
    const { addon } = this.#load();
    try {
      return use(addon);
    } catch (error) {
      throw typedError(error, name);
    }
  }

  /** Handles of slots that one of the addon's own functions gave. */
  adopt(slots: readonly number[]): Handle[] {
    return this.#load().slots.adoptAll(slots);
  }

  supports(operation: Operation): boolean {
    const { native } = operation;
    const functions = this.#tryLoad()?.addon.functions;
    if (native === null || functions === undefined) return false;
    if (typeof native === 'string') return native in functions;
    if ('lowering' in native) {
      return native.lowering.every((name) => name in functions) && qualifiedName(operation) in LOWERINGS;
    }
    return [native.none, native.one, native.many].every((name) => name === undefined || name in functions);
  }

  prepare(operation: Operation): PreparedCall {
    let call = this.#calls.get(operation);
    if (call === undefined) {
      call = planCall(operation, { ...this.#load(), streamIndex: (stream) => this.streamIndex(stream) });
      this.#calls.set(operation, call);
    }
    return call;
  }

  create(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle {
    return this.#run(({ addon, slots }) => slots.adopt(addon.create(bytes, shape, dtype.code)));
  }

  describe(handle: Handle): TensorInfo {
    try {
      return describe(this.#load().addon, handle);
    } catch (error) {
      throw typedError(error);
    }
  }

  read(handle: Handle): Uint8Array<ArrayBuffer> {
    return this.#run(({ addon, slots }) => {
      const code = addon.rowMajor(handle.slot);
      if (code === handle.slot) return new Uint8Array(addon.bytes(code));
      const rows = slots.adopt(code);
      const bytes = new Uint8Array(addon.bytes(rows.slot));
      addon.free(rows.slot);
      return bytes;
    });
  }

  async readAsync(handle: Handle): Promise<Uint8Array<ArrayBuffer>> {
    const { addon, slots } = this.#load();
    try {
      // The scope or the session of the caller may end while this waits.
      const code = addon.rowMajor(handle.slot, true);
      if (code === handle.slot) return new Uint8Array(addon.bytes(code));
      const rows = slots.adoptApart(code);
      try {
        await addon.evalAsync([rows.slot]);
        return new Uint8Array(addon.bytes(rows.slot));
      } finally {
        addon.free(rows.slot);
      }
    } catch (error) {
      throw typedError(error);
    }
  }

  eval(handles: readonly Handle[]): void {
    this.#run(({ addon }) => addon.eval(handles.map((handle) => handle.slot)));
  }

  async evalAsync(handles: readonly Handle[]): Promise<void> {
    try {
      await this.#load().addon.evalAsync(handles.map((handle) => handle.slot));
    } catch (error) {
      throw typedError(error);
    }
  }

  free(handle: Handle): void {
    this.#load().addon.free(handle.slot);
  }

  isAlive(handle: Handle): boolean {
    return this.#load().addon.isAlive(handle.slot);
  }

  async shutdown(): Promise<void> {}

  /** The addon's number of a stream, or of the default stream of a device. */
  streamIndex(stream: StreamRef): number {
    return stream.index ?? this.#load().addon.deviceStream(stream.device === 'gpu');
  }

  #run<T>(use: (ready: Ready) => T): T {
    const ready = this.#load();
    try {
      return use(ready);
    } catch (error) {
      throw typedError(error);
    }
  }

  #tryLoad(): Ready | undefined {
    if (this.#ready !== undefined || this.#problem !== undefined) return this.#ready;
    try {
      const loaded = loadAddon();
      if (loaded.passedOver !== null) warnOfPassing(loaded.passedOver);
      if (collectYoung !== undefined) loaded.addon.setCollector(collectYoung);
      if (isMainThread) process.once('exit', (status) => loaded.addon.noteExit(status));
      const folder = this.#options.kernelFolder?.();
      const kernels = folder !== undefined && loaded.addon.setKernelFolder?.(folder) === true ? folder : null;
      const slots = new Slots(loaded.addon);
      const marshal = new Marshal(loaded.addon, slots);
      this.#ready = {
        ...loaded,
        kernels,
        slots,
        marshal,
        context: loweringContext(loaded.addon, slots, marshal),
        transforms: new NativeTransforms(loaded.addon, slots),
      };
    } catch (error) {
      this.#problem = error instanceof Error ? error : new Error(String(error));
      // Otherwise all would run in Python, slowly and without a visible reason.
      if (error instanceof VersionMismatchError) process.emitWarning(error.message, 'MlxRouterWarning');
    }
    return this.#ready;
  }

  #load(): Ready {
    const ready = this.#ready ?? this.#tryLoad();
    if (ready === undefined) throw this.#problem;
    return ready;
  }
}
