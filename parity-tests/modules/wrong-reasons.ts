import type { Options } from './rows.ts';

/** Settings that Python refuses on purpose, by the row: one for each of its checks. */
export const REFUSED_OPTIONS: Readonly<Record<string, readonly Options[]>> = {
  'nn.GELU': [{ approx: 'nonsense' }],
  'nn.Dropout': [{ p: 1 }, { p: -0.1 }],
  'nn.Dropout2d': [{ p: 1 }, { p: -0.1 }],
  'nn.Dropout3d': [{ p: 1 }, { p: -0.1 }],
  'nn.Conv1d': [{ inChannels: 3, outChannels: 2, kernelSize: 2, groups: 2 }],
  'nn.Conv2d': [{ inChannels: 3, outChannels: 2, kernelSize: 2, groups: 2 }],
  ...Object.fromEntries(
    ['Max', 'Avg'].flatMap((kind) =>
      [1, 2, 3].map((dims) => [
        `nn.${kind}Pool${dims}d`,
        [
          { kernelSize: 0 },
          { kernelSize: 2, stride: 0 },
          { kernelSize: 2, padding: -1 },
          { kernelSize: [1, 2, 3, 4] },
          { kernelSize: 1.5 },
        ],
      ]),
    ),
  ),
  'nn.InstanceNorm': [{ dims: 2, eps: 0 }],
  'nn.LayerNorm': [{ dims: 2, eps: 0 }],
  'nn.RMSNorm': [{ dims: 2, eps: -1 }],
  'nn.GroupNorm': [
    { numGroups: 2, dims: 4, eps: 0 },
    { numGroups: 0, dims: 4 },
    { numGroups: 2, dims: 0 },
    { numGroups: 3, dims: 4 },
  ],
  'nn.BatchNorm': [{ numFeatures: 2, eps: 0 }],
  'nn.SinusoidalPositionalEncoding': [{ dims: 3 }, { dims: 0 }],
  'nn.RNN': [{ inputSize: 2, hiddenSize: 2, nonlinearity: 3 }],
  'nn.MultiHeadAttention': [{ dims: 4, numHeads: 3 }],
  'nn.Upsample': [
    { scaleFactor: 2, mode: 'nonsense' },
    { scaleFactor: 2, antialias: true },
    { scaleFactor: 2, mode: 'linear', antialias: true, alignCorners: true },
    { scaleFactor: [2, 2, 2, 2] },
  ],
  'nn.QuantizedLinear': [{ inputDims: 64, outputDims: 2, mode: 'nonsense' }],
  'nn.QuantizedEmbedding': [{ numEmbeddings: 2, dims: 64, mode: 'nonsense' }],
  'nn.losses.crossEntropy': [{ labelSmoothing: 1 }, { labelSmoothing: -0.1 }, { reduction: 'nonsense' }],
  'nn.losses.smoothL1Loss': [{ reduction: 'nonsense' }],
  'nn.losses.mseLoss': [{ reduction: 'nonsense' }],
  'optimizers.SGD': [
    { learningRate: 0.1, nesterov: true },
    { learningRate: 0.1, momentum: 0.9, dampening: 0.1, nesterov: true },
  ],
  'optimizers.RMSprop': [
    { learningRate: 0.1, alpha: -1 },
    { learningRate: 0.1, eps: 0 },
  ],
  'optimizers.Adagrad': [{ learningRate: 0.1, eps: -1 }],
  'optimizers.AdaDelta': [
    { learningRate: 0.1, rho: -1 },
    { learningRate: 0.1, eps: -1 },
  ],
  'optimizers.Adam': [
    { learningRate: 0.1, betas: [1, 0.9] },
    { learningRate: 0.1, eps: -1 },
  ],
  'optimizers.AdamW': [
    { learningRate: 0.1, betas: [0.9, -0.1] },
    { learningRate: 0.1, eps: -1 },
  ],
  'optimizers.Adamax': [
    { learningRate: 0.1, betas: [1, 0.9] },
    { learningRate: 0.1, eps: -1 },
  ],
  'optimizers.Lion': [{ learningRate: 0.1, betas: [1, 0.9] }],
};

/** Arguments by position that Python refuses on purpose. */
export const REFUSED_ARGUMENTS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  'optimizers.stepDecay': [
    [0.1, 0.5, 0],
    [0.1, 0.5, -1],
  ],
  'optimizers.cosineDecay': [
    [0.1, 0],
    [0.1, -1, 0.5],
  ],
  'optimizers.linearSchedule': [
    [0, 1, 0],
    [0, 1, -1],
  ],
  'optimizers.joinSchedules': [
    [[], []],
    [[['cosineDecay', 1, 2]], [3]],
  ],
  'optimizers.clipGradNorm': [[-1]],
  'nn.layers.upsampleNearest': [[[2]], [[2, 2, 2]]],
  'nn.layers.upsampleLinear': [
    [[2], false, false],
    [[2, 2], true, true],
  ],
  'nn.layers.upsampleCubic': [
    [[2], false, false],
    [[2, 2], true, true],
  ],
};

/** Inputs that end Python's process, so that no call has them. */
export const ENDS_PYTHON: {
  readonly rows: RegExp;
  readonly isOne: (shape: readonly number[]) => boolean;
  readonly reason: string;
} = {
  rows: /^nn\.[Ll]ogSoftmax$/,
  isOne: (shape) => shape.at(-1) === 1,
  reason: 'an axis of the length 1: MLX ends the process there (SIGSEGV), and here it gives 0',
};

/** A difference between both sides in wrong calls: where, and why it is meant to be. */
interface Reason {
  readonly rows: RegExp;
  /** What is wrong in the calls that it is about. */
  readonly what: RegExp;
  /** Which side takes the call; `both`: and their results differ. */
  readonly taken: 'here' | 'Python' | 'both';
  readonly reason: string;
}

const REASONS: readonly Reason[] = [
  {
    rows: /./,
    what: /^\w+ of /,
    taken: 'Python',
    reason: 'types and ranges of options are checked here at once; Python finds out later, or takes what it gets',
  },
  {
    rows: /^nn\.(Sigmoid|Mish|ReLU\d?|Soft(max|min|plus|sign)|SiLU|Log\w+|Tanh|Hardswish|SELU|HardTanh|ALiBi)$/,
    what: /^an unknown name$/,
    taken: 'here',
    reason: 'a constructor that takes nothing ignores what it is given',
  },
  {
    rows: /^nn\.Identity$/,
    what: /^(one input less|an unknown name)$/,
    taken: 'here',
    reason: 'it gives back what it gets, be it nothing',
  },
  {
    rows: /^nn\.(ReLU6|relu6|HardTanh|hardTanh|Dropout\w*)$/,
    what: /^input \d of int32$/,
    taken: 'both',
    reason: 'integers: beside 6.0 Python makes floating-point numbers of them, and 6 is an integer here',
  },
  {
    rows: /^optimizers\.MultiOptimizer$/,
    what: /^one input less$/,
    taken: 'here',
    reason: 'an optimizer that no gradient is for: Python fails as it takes an empty tree apart',
  },
  {
    rows: /^nn\.losses\.(binaryCrossEntropy|gaussianNllLoss)$/,
    what: /^(withLogits|full) of \[\]$/,
    taken: 'both',
    reason: 'an empty list is true in JavaScript and false in Python',
  },
  {
    rows: /^nn\.(PReLU|prelu)$/,
    what: /^input \d with/,
    taken: 'Python',
    reason: 'shapes that do not fit together: MLX reads beyond the end of the slopes',
  },
  {
    rows: /^nn\.Transformer/,
    what: /^one input less$/,
    taken: 'here',
    reason: 'a mask that is left out is none',
  },
];

function about(name: string): readonly Reason[] {
  return REASONS.filter(({ rows }) => rows.test(name));
}

/** Whether the difference is meant to be. */
export function hasReason(name: string, what: string, taken: Reason['taken']): boolean {
  return about(name).some((reason) => reason.taken === taken && reason.what.test(what));
}

/** Of the differences in wrong calls of that row alone. */
export function reasonsOf(name: string): readonly string[] {
  const own = about(name).filter(({ rows }) => rows.source !== '.');
  const ending = ENDS_PYTHON.rows.test(name) ? [ENDS_PYTHON.reason] : [];
  return [...own.map(({ reason }) => reason), ...ending];
}

/** Of the differences in wrong calls of every row. */
export const GENERAL_REASONS: readonly string[] = REASONS.filter(({ rows }) => rows.source === '.').map(
  ({ reason }) => reason,
);
