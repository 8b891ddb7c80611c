import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import * as utils from '../../mlx/utils/index.ts';

type Call = (options: Record<string, unknown>) => unknown;
type AnyFunction = (...args: never[]) => unknown;

const x = mx.array([1, 2]);
const model = new nn.Linear(2, 2);

/** Those that take so many arrays before their options. */
function behind(count: number, path: string, group: object, names: string): Record<string, Call> {
  const call = (name: string): Call => {
    const fun = (group as Record<string, AnyFunction>)[name] as (...args: unknown[]) => unknown;
    return (options) => fun(...Array(count).fill(x), options);
  };
  return Object.fromEntries(names.split(/\s+/).map((name) => [`${path}.${name}`, call(name)]));
}

/** The functions of `nn`, `optimizers` and `utils` that take options, with all else in order. */
export const MODULE_OPTIONS: Readonly<Record<string, Call>> = {
  ...behind(1, 'nn', nn, 'celu elu glu hardShrink hardTanh leakyRelu logSoftmax softmax softmin softshrink step'),
  ...behind(
    2,
    'nn.losses',
    nn.losses,
    `binaryCrossEntropy cosineSimilarityLoss crossEntropy hingeLoss huberLoss klDivLoss l1Loss logCoshLoss mseLoss nllLoss
     smoothL1Loss`,
  ),
  ...behind(3, 'nn.losses', nn.losses, 'gaussianNllLoss marginRankingLoss tripletLoss'),
  ...behind(0, 'nn.init', nn.init, 'glorotNormal glorotUniform heNormal heUniform identity normal orthogonal uniform'),
  'nn.init.constant': (options) => nn.init.constant(1, options),
  'nn.init.sparse': (options) => nn.init.sparse(0.5, options),
  'nn.averageGradients': (options) => nn.averageGradients({}, options),
  'nn.utils.averageGradients': (options) => nn.utils.averageGradients({}, options),
  'nn.utils.clipGradNormSharded': (options) => nn.utils.clipGradNormSharded({}, 1, options),
  'nn.fullyShard': (options) => nn.fullyShard(model, options),
  'nn.quantize': (options) => nn.quantize(model, options),
  'nn.layers.shardInplace': (options) => nn.layers.shardInplace(model, 'all-to-sharded', options),
  'nn.layers.shardLinear': (options) => nn.layers.shardLinear(model, 'all-to-sharded', options),
  'nn.layers.sumGradients': (options) => nn.layers.sumGradients(options as never),
  'nn.layers.upsampleCubic': (options) => nn.layers.upsampleCubic(x, [2], options),
  'nn.layers.upsampleLinear': (options) => nn.layers.upsampleLinear(x, [2], options),
  'nn.layers.upsampleNearest': (options) => nn.layers.upsampleNearest(x, options as never),
  'optimizers.clipGradNorm': (options) => optimizers.clipGradNorm({}, options as never),
  'optimizers.cosineDecay': (options) => optimizers.cosineDecay(1, 2, options),
  'optimizers.exponentialDecay': (options) => optimizers.exponentialDecay(1, options as never),
  'optimizers.joinSchedules': (options) => optimizers.joinSchedules([], options as never),
  'optimizers.linearSchedule': (options) => optimizers.linearSchedule(1, 2, options as never),
  'optimizers.stepDecay': (options) => optimizers.stepDecay(1, 2, options as never),
  'utils.treeFlatten': (options) => utils.treeFlatten({}, options),
  'utils.treeMerge': (options) => utils.treeMerge({}, {}, options),
  'utils.treeReduce': (options) => utils.treeReduce((value) => value, {}, 0, options),
};

/** Those that take none: arrays alone, a module and a function, or trees, of which an object may be one. */
export const MODULES_TAKE_NO_OPTIONS = new Set(
  `nn.gelu nn.geluApprox nn.geluFastApprox nn.hardswish nn.logSigmoid nn.mish nn.prelu nn.relu nn.relu2 nn.relu6 nn.selu
   nn.sigmoid nn.silu nn.softplus nn.softsign nn.tanh nn.utils.checkpoint nn.utils.valueAndGrad nn.valueAndGrad
   utils.treeMap utils.treeMapWithPath utils.treeUnflatten`.split(/\s+/),
);
