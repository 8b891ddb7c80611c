import { ArgumentError, UnsupportedOperationError } from '../../../foundation/errors/errors.ts';
import type { Dtype } from '../../../foundation/values/dtypes.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { dtype, group, instance, or, signature } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import type { Group } from '../../devices/distributed.ts';
import { treeFlatten, treeUnflatten } from '../../utils/trees.ts';
import { checkModule, Module } from '../module.ts';
import { shard } from './sharding.ts';

export interface FullyShardedOptions {
  /** The processes to share among. Default: all. */
  readonly group?: Group | null;
  /** The dtype in which parameters are gathered. Default: their own. */
  readonly computeDtype?: Dtype | null;
}

type Gather = (shards: readonly Tensor[]) => Tensor[];

function cast(array: Tensor, dtype: Dtype | null): Tensor {
  return dtype === null || array.dtype === dtype ? array : array.astype(dtype);
}

/** The whole parameters of the parts of all processes, gathered in one message; gradients go back as parts. */
function gatherOf(group: Group, shapes: readonly (readonly number[])[], dtype: Dtype | null): Gather {
  const count = group.size();
  const sizes = shapes.map((shape) => shape.reduce((product, extent) => product * extent, 1) / count);
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0)).slice(0, -1);
  const partShapes = shapes.map(([rows = 0, ...rest]) => [rows / count, ...rest]);
  const gather = mx.customFunction((shards: readonly Tensor[]) => {
    const part = mx.concatenate(
      shards.map((array) => cast(array.reshape(1, -1), dtype)),
      1,
    );
    const pieces = mx.split(mx.distributed.allGather(part, { group }), ends, 1) as Tensor[];
    return pieces.map((piece, i) => piece.reshape(...(shapes[i] as number[])));
  });
  gather.vjp((shards: unknown, cotangents: unknown) => {
    const whole = mx.concatenate(
      (cotangents as Tensor[]).map((array) => array.reshape(count, -1)),
      1,
    );
    const part = mx.distributed.sumScatter(whole, { group }).divide(count);
    const pieces = mx.split(part, ends, 1) as Tensor[];
    return pieces.map((piece, i) =>
      cast(piece.reshape(...(partShapes[i] as number[])), ((shards as Tensor[])[i] as Tensor).dtype),
    );
  });
  return gather as unknown as Gather;
}

/** What a module shares out: its parameters, but those of modules inside that share out their own. */
function isShared(module: Module, key: string, value: unknown): boolean {
  return !(value instanceof FullyShardedModule) && Module.validParameterFilter(module, key, value);
}

const kinds = {
  module: instance(Module, 'a module (nn.Module)'),
  group: or(group, null),
  computeDtype: or(dtype, null),
};
const shardedArguments = signature('nn.FullyShardedModule', kinds);
const fullyShardArguments = signature('nn.fullyShard', kinds);

/**
 * A module of whose parameters each process keeps a part of the rows. They are gathered for each call, and let go again.
 * @throws ArgumentError for a parameter whose rows the processes do not divide.
 */
export class FullyShardedModule extends Module {
  module: Module;
  readonly #paths: readonly string[];
  readonly #gather: Gather;

  constructor(
    module: Module,
    group?: Group | null | FullyShardedOptions,
    computeDtype?: Dtype | null | FullyShardedOptions,
  );
  constructor(...args: unknown[]) {
    super();
    const operation = 'nn.FullyShardedModule';
    const { module, computeDtype, ...given } = shardedArguments(args);
    checkModule(module, operation);
    const group = given.group ?? mx.distributed.init();
    const parameters = module.filterAndMap(isShared);
    const flat = treeFlatten<Tensor>(parameters);
    for (const [path, { shape }] of flat) {
      if ((shape[0] ?? 1) % group.size() === 0) continue;
      throw new ArgumentError(
        `expected parameters whose rows ${group.size()} processes divide, but "${path}" has the shape [${shape}]`,
        { operation },
      );
    }
    this.#paths = flat.map(([path]) => path);
    this.#gather = gatherOf(
      group,
      flat.map(([, { shape }]) => shape),
      computeDtype,
    );
    module.update(shard(parameters, () => 0, group));
    this.module = module;
  }

  /** How many parameters are shared out. */
  get sharded(): number {
    return this.#paths.length;
  }

  #gathered<T>(run: () => T): T {
    const parts = this.module.filterAndMap(isShared);
    const whole = this.#gather(treeFlatten<Tensor>(parts).map(([, array]) => array));
    this.module.update(treeUnflatten<object>(this.#paths.map((path, i) => [path, whole[i]] as const)));
    try {
      return run();
    } finally {
      this.module.update(parts);
    }
  }

  override forward(...args: unknown[]): unknown {
    return this.#gathered(() => (this.module.forward as (...args: unknown[]) => unknown)(...args));
  }

  /** What the module's own `asLinear` gives. */
  asLinear(...args: unknown[]): unknown {
    const { asLinear } = this.module as Module & { readonly asLinear?: (...args: unknown[]) => unknown };
    if (typeof asLinear !== 'function') {
      throw new UnsupportedOperationError(`${this.module.constructor.name} has no asLinear method`, {
        operation: 'nn.FullyShardedModule.asLinear',
      });
    }
    return this.#gathered(() => asLinear.apply(this.module, args));
  }

  protected override extraRepr(): string {
    return `num_sharded_params=${this.#paths.length}`;
  }
}

/** The module with its parameters shared out, or itself where there is one process or nothing to share. */
export function fullyShard(module: Module, options: FullyShardedOptions = {}): Module {
  const { group: given, computeDtype } = fullyShardArguments([module, options]);
  checkModule(module, 'nn.fullyShard');
  const group = given ?? mx.distributed.init();
  if (group.size() === 1 || module instanceof FullyShardedModule) return module;
  const sharded = new FullyShardedModule(module, group, computeDtype);
  return sharded.sharded === 0 ? module : sharded;
}
