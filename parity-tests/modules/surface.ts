import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import { MODULE_CHECKS } from './run.ts';

// Which public names of `nn` and `optimizers` parity compares, and why not the others.

const TWO_PROCESSES = 'it does something only between processes: tests/evaluation/sharded-layers.test.ts runs two';

/** The public names without a row, each with its reason. */
export const WITHOUT_ROW: Readonly<Record<string, string>> = {
  'nn.Module': 'the base of the layers, which are compared with all that they take from it',
  'nn.AllToShardedLinear': TWO_PROCESSES,
  'nn.ShardedToAllLinear': TWO_PROCESSES,
  'nn.QuantizedAllToShardedLinear': TWO_PROCESSES,
  'nn.QuantizedShardedToAllLinear': TWO_PROCESSES,
  'nn.FullyShardedModule': TWO_PROCESSES,
  'nn.fullyShard': TWO_PROCESSES,
  'nn.averageGradients': TWO_PROCESSES,
  'nn.layers.shardInplace': TWO_PROCESSES,
  'nn.layers.shardLinear': TWO_PROCESSES,
  'nn.layers.sumGradients': TWO_PROCESSES,
  'nn.utils.averageGradients': TWO_PROCESSES,
  'nn.utils.clipGradNormSharded': TWO_PROCESSES,
  'nn.quantize': 'it changes a model: what it puts there is compared as nn.QuantizedLinear and nn.QuantizedEmbedding',
  'nn.valueAndGrad': 'every row of a layer takes its gradients by it',
  'nn.utils.valueAndGrad': 'every row of a layer takes its gradients by it',
  'nn.utils.checkpoint': 'the row of nn.Transformer calls it',
  'optimizers.Optimizer': 'the base of the optimizers, which are compared with all that they take from it',
};

/** The public names of both packages: classes, and functions, those in namespaces too. */
export function publicNames(): string[] {
  const walk = (path: string, namespace: object): string[] =>
    Object.entries(namespace).flatMap(([name, value]) => {
      if (typeof value === 'function') return [`${path}.${name}`];
      return typeof value === 'object' && value !== null ? walk(`${path}.${name}`, value) : [];
    });
  return [...walk('nn', nn), ...walk('optimizers', optimizers)];
}

/** The names of the rows. */
export function comparedNames(): ReadonlySet<string> {
  return new Set(MODULE_CHECKS.map(({ name }) => name));
}
