// A whole backend, written from `backend/backend.ts` alone: three operations on float32 in plain TypeScript.
import type { Backend, BackendStatus, PreparedCall, TensorInfo } from '../../backend/backend.ts';
import { DisposedError, OperationError } from '../../foundation/errors/errors.ts';
import { type Dtype, float32 } from '../../foundation/values/dtypes.ts';
import { broadcast } from '../../foundation/values/index-layout.ts';
import { type Argument, Handle, Scalar } from '../../foundation/values/values.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { publicName } from '../../registry/registry.ts';

type Values = TensorInfo & { readonly bytes: Uint8Array<ArrayBuffer> };

type Compute = (args: readonly Values[], rest: readonly Argument[]) => Values;

const NAME = 'example.arrays';

export class ExampleBackend implements Backend {
  readonly name = NAME;
  /** Freed with their handles, by the garbage collector at the latest. */
  readonly #tensors = new WeakMap<Handle, Values>();
  readonly #calls = new Map<Operation, PreparedCall>();

  status(): BackendStatus {
    return { available: true, details: { operations: OPERATIONS.size } };
  }

  supports(operation: Operation): boolean {
    return OPERATIONS.has(qualifiedName(operation));
  }

  prepare(operation: Operation): PreparedCall {
    const known = this.#calls.get(operation);
    if (known !== undefined) return known;
    const compute = OPERATIONS.get(qualifiedName(operation)) as Compute;
    const run: PreparedCall['run'] = (args) => {
      const given = args.filter((argument) => argument instanceof Handle || argument instanceof Scalar);
      const operands = given.map((one) => (one instanceof Handle ? this.#values(one) : made([Number(one.value)], [])));
      try {
        return this.#adopt(compute(operands, args.slice(given.length)));
      } catch (error) {
        const details = { operation: publicName(operation), implementation: NAME } as const;
        throw new OperationError((error as Error).message, details);
      }
    };
    const call = { run, runAsync: async (args: readonly Argument[]) => run(args) };
    this.#calls.set(operation, call);
    return call;
  }

  create(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle {
    return this.#adopt({ bytes: new Uint8Array(bytes), shape: [...shape], dtype });
  }

  describe(handle: Handle): TensorInfo {
    return this.#values(handle);
  }

  read(handle: Handle): Uint8Array<ArrayBuffer> {
    return this.#values(handle).bytes.slice();
  }

  async readAsync(handle: Handle): Promise<Uint8Array<ArrayBuffer>> {
    return this.read(handle);
  }

  eval(handles: readonly Handle[]): void {
    for (const handle of handles) this.#values(handle);
  }

  async evalAsync(handles: readonly Handle[]): Promise<void> {
    this.eval(handles);
  }

  free(handle: Handle): void {
    this.#tensors.delete(handle);
  }

  isAlive(handle: Handle): boolean {
    return this.#tensors.has(handle);
  }

  async shutdown(): Promise<void> {}

  #adopt(values: Values): Handle {
    const handle = new Handle(0, this);
    this.#tensors.set(handle, values);
    return handle;
  }

  #values(handle: Handle): Values {
    const values = this.#tensors.get(handle);
    if (values !== undefined) return values;
    throw new DisposedError('the array was freed', { implementation: NAME });
  }
}

function made(numbers: Iterable<number>, shape: readonly number[]): Values {
  return { bytes: new Uint8Array(Float32Array.from(numbers).buffer), shape, dtype: float32 };
}

function numbersOf({ bytes, dtype }: Values): Float32Array {
  if (dtype !== float32) throw new TypeError(`expected float32, received ${dtype.name}`);
  return new Float32Array(bytes.buffer);
}

/** The place in a tensor of that shape that broadcasting gives to a place in the result. */
function placeIn(shape: readonly number[], result: readonly number[], place: number): number {
  let [rest, at, stride] = [place, 0, 1];
  for (let axis = result.length - 1; axis >= 0; axis--) {
    const extent = shape[axis - result.length + shape.length] ?? 1;
    at += extent === 1 ? 0 : (rest % (result[axis] as number)) * stride;
    rest = Math.floor(rest / (result[axis] as number));
    stride *= extent;
  }
  return at;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

function elementwise(combine: (a: number, b: number) => number): Compute {
  return ([a, b]) => {
    const [x, y] = [a as Values, b as Values];
    const shape = broadcast(x.shape, y.shape);
    if (shape === undefined) throw new TypeError(`shapes (${x.shape}) and (${y.shape}) do not fit`);
    const at = (of: Values, i: number) => numbersOf(of)[placeIn(of.shape, shape, i)] as number;
    return made(
      Array.from({ length: sizeOf(shape) }, (_, i) => combine(at(x, i), at(y, i))),
      shape,
    );
  };
}

const sum: Compute = ([a], [axes, keepdims]) => {
  const { shape } = a as Values;
  const given = axes === null ? [...shape.keys()] : [axes as number | number[]].flat();
  const reduced = new Set(given.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  const kept = shape.map((extent, axis) => (reduced.has(axis) ? 1 : extent));
  const sums = new Float32Array(sizeOf(kept));
  for (const [i, value] of numbersOf(a as Values).entries()) {
    const at = placeIn(kept, shape, i);
    sums[at] = (sums[at] ?? 0) + value;
  }
  return made(sums, keepdims === true ? kept : shape.filter((_, axis) => !reduced.has(axis)));
};

const OPERATIONS = new Map<string, Compute>([
  ['add', elementwise((a, b) => a + b)],
  ['multiply', elementwise((a, b) => a * b)],
  ['sum', sum],
]);
