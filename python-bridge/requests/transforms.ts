import type { CustomRules, TracedFunction, Transforms } from '../../backend/backend.ts';
import { ProtocolError } from '../../foundation/errors/errors.ts';
import { type Argument, Callback, Handle, type Result } from '../../foundation/values/values.ts';
import type { Callbacks } from '../callbacks/callbacks.ts';
import type { Gathering } from '../tensors/gathering.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import { FrameType } from '../wire/frames.ts';
import { decodeResult, encodeTree } from '../wire/values.ts';
import type { PythonWorker } from './call.ts';
import type { Requests } from './requests.ts';

interface TransformsParts {
  readonly gathering: Gathering;
  readonly callbacks: Callbacks;
  readonly requests: Requests;
  readonly tensors: TensorTable;
}

/** MLX's own transforms in a worker, over functions that call back here. Everything inside runs on that worker. */
export class PythonTransforms implements Transforms {
  readonly #gathering: Gathering;
  readonly #callbacks: Callbacks;
  readonly #requests: Requests;
  readonly #tensors: TensorTable;
  /** The workers that have compiled something under a number. */
  readonly #compiled = new Map<number, Set<PythonWorker>>();
  /** null: as the environment of the worker has it. */
  #compiling: boolean | null = null;

  constructor({ gathering, callbacks, requests, tensors }: TransformsParts) {
    this.#gathering = gathering;
    this.#callbacks = callbacks;
    this.#requests = requests;
    this.#tensors = tensors;
  }

  valueAndGrad(run: TracedFunction, inputs: readonly Handle[], argnums: readonly number[]): [Handle[], Handle[]] {
    return pairOf(this.#run('valueAndGrad', [flat(run), inputs, argnums]));
  }

  vjp(run: TracedFunction, primals: readonly Handle[], cotangents: readonly Handle[]): [Handle[], Handle[]] {
    return pairOf(this.#run('vjp', [flat(run), primals, cotangents]));
  }

  jvp(run: TracedFunction, primals: readonly Handle[], tangents: readonly Handle[]): [Handle[], Handle[]] {
    return pairOf(this.#run('jvp', [flat(run), primals, tangents]));
  }

  vmap(
    run: TracedFunction,
    inputs: readonly Handle[],
    inAxes: readonly number[],
    outAxes: (outputs: readonly Handle[]) => readonly number[],
  ): Handle[] {
    const traced = new Callback((args) => {
      const outputs = run(handlesOf(args));
      return [outputs, outAxes(outputs)];
    });
    return handlesOf(this.#run('vmap', [traced, inputs, inAxes]));
  }

  checkpoint(run: TracedFunction, inputs: readonly Handle[]): Handle[] {
    return handlesOf(this.#run('checkpoint', [flat(run), inputs]));
  }

  customFunction(run: TracedFunction, { vjp, jvp, vmap }: CustomRules, inputs: readonly Handle[]): Handle[] {
    const rules: Record<string, Argument> = {};
    if (vjp !== undefined) rules['vjp'] = new Callback(([a, b, c]) => vjp(handlesOf(a), handlesOf(b), handlesOf(c)));
    if (jvp !== undefined) rules['jvp'] = new Callback(([a, b, at]) => jvp(handlesOf(a), handlesOf(b), at as number[]));
    if (vmap !== undefined) rules['vmap'] = new Callback(([a, axes]) => vmap(handlesOf(a), axes as number[]));
    return handlesOf(this.#run('customFunction', [flat(run), rules, inputs]));
  }

  compiled(id: number, shapeless: boolean, run: TracedFunction, inputs: readonly Handle[]): Handle[] {
    return handlesOf(
      this.#run('compiled', [id, shapeless, this.#compiling, flat(run), inputs], (worker) => {
        const workers = this.#compiled.get(id);
        if (workers === undefined) this.#compiled.set(id, new Set([worker]));
        else workers.add(worker);
      }),
    );
  }

  eraseCompiled(id: number): void {
    for (const worker of this.#compiled.get(id) ?? []) {
      if (worker.exit === null) this.#requests.notify(worker, FrameType.ERASE, { compiled: [id] });
    }
    this.#compiled.delete(id);
  }

  setCompiling(enabled: boolean): void {
    this.#compiling = enabled;
  }

  #run(name: string, args: readonly Argument[], onWorker?: (worker: PythonWorker) => void): Result {
    const label = `mx.${name === 'compiled' ? 'compile' : name}`;
    const resolved = this.#tensors.resolve(args);
    const worker = this.#gathering.gather(resolved.tensors, label, this.#requests.deadline());
    onWorker?.(worker);
    const call = this.#callbacks.withCallbacks(worker, label, (idOf) =>
      this.#requests.send(worker, {
        type: FrameType.TRANSFORM,
        header: { name, args: resolved.args.map((argument) => encodeTree(argument, idOf)) },
        label,
      }),
    );
    const { v } = this.#requests.answer(this.#requests.waits.wait(call));
    return decodeResult(v, (id, dtype, shape) =>
      this.#tensors.adopt(this.#tensors.reserve(), id, worker, { dtype, shape }),
    );
  }
}

function flat(run: TracedFunction): Callback {
  return new Callback((args) => run(handlesOf(args)));
}

function handlesOf(result: Result | readonly Result[] | undefined): Handle[] {
  if (Array.isArray(result) && result.every((item) => item instanceof Handle)) return result;
  throw new ProtocolError('a transform gave something else than a list of tensors', { implementation: 'python' });
}

function pairOf(result: Result): [Handle[], Handle[]] {
  const [first, second] = Array.isArray(result) ? (result as Result[]) : [];
  return [handlesOf(first), handlesOf(second)];
}
