import fc from 'fast-check';
import * as nn from '../../mlx/nn/index.ts';

// One row for each layer: the arguments of its constructor, as ranges to draw from, and what goes in. Names are those of
// the options here; Python's are the same in snake_case.

/** An array to draw: `integers` are below the number, `numbers` are normal. */
export interface InputSpec {
  readonly shape: readonly number[];
  readonly below?: number;
}

export type Options = Readonly<Record<string, unknown>>;

export interface LayerRow {
  readonly name: string;
  /** Makes the layer, where its constructor takes no options. */
  readonly make?: (options: Options) => nn.Module;
  /** What makes it in Python, where it is not the class of the same name: a function of `module_reference`. */
  readonly python?: string;
  readonly options: fc.Arbitrary<Options>;
  /** Drawn for the options; null is passed as it is. */
  readonly inputs: (options: Options) => fc.Arbitrary<readonly (InputSpec | null)[]>;
  /** Whether it is only called in evaluation mode, and has no gradients; `limit` says why. */
  readonly evaluationOnly?: boolean;
  /** What is not drawn though both sides take it, and why they differ there. */
  readonly limit?: string;
}

const few = fc.integer({ min: 1, max: 5 });
const batch = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 2 });
const eps = fc.constantFrom(1e-5, 1e-3, 0.1);
const number = (options: Options, name: string) => options[name] as number;

/** `[…batch, size]` */
function rows(size: number, least = 0): fc.Arbitrary<InputSpec[]> {
  return batch
    .map((shape) => (shape.length < least ? [2, ...shape, ...Array<number>(least).fill(3)].slice(-least) : shape))
    .map((shape) => [{ shape: [...shape, size] }]);
}

/** Arguments that may be left out: each is there or not. */
function options(
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) {
  return fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) }) as fc.Arbitrary<Options>;
}

const none = options({});
const anyShape = () => rows(4);

const ACTIVATIONS: readonly LayerRow[] = [
  ...['Sigmoid', 'Mish', 'ReLU', 'ReLU2', 'ReLU6', 'Softmax', 'Softplus', 'Softsign', 'SiLU', 'LogSoftmax'],
  ...['LogSigmoid', 'Tanh', 'Hardswish', 'SELU', 'HardTanh', 'Softmin', 'Identity'],
].map((name) => ({ name, options: none, inputs: anyShape }));

const WITH_SETTINGS: readonly LayerRow[] = [
  { name: 'GLU', options: options({}, { axis: fc.constant(-1) }), inputs: anyShape },
  { name: 'LeakyReLU', options: options({}, { negativeSlope: fc.constantFrom(0.01, 0.3) }), inputs: anyShape },
  { name: 'ELU', options: options({}, { alpha: fc.constantFrom(0.5, 1.5) }), inputs: anyShape },
  { name: 'CELU', options: options({}, { alpha: fc.constantFrom(0.5, 1.5) }), inputs: anyShape },
  { name: 'Softshrink', options: options({}, { lambd: fc.constantFrom(0.25, 0.75) }), inputs: anyShape },
  { name: 'HardShrink', options: options({}, { lambd: fc.constantFrom(0.25, 0.75) }), inputs: anyShape },
  {
    name: 'PReLU',
    options: options({}, { numParameters: fc.constantFrom(1, 4), init: fc.constant(0.1) }),
    inputs: anyShape,
  },
  {
    name: 'GELU',
    options: options({}, { approx: fc.constantFrom('none', 'precise', 'tanh', 'fast') }),
    inputs: anyShape,
  },
  {
    name: 'Step',
    options: options({}, { threshold: fc.constantFrom(0.25, 0.75) }),
    inputs: anyShape,
  },
];

/** `[N, …space, channels]`, each extent of the space at least as large as what a kernel needs. */
function space(dims: number, channels: number, least: number): fc.Arbitrary<InputSpec[]> {
  const extents = fc.array(fc.integer({ min: least, max: least + 3 }), { minLength: dims, maxLength: dims });
  return fc.tuple(few, extents).map(([n, spatial]) => [{ shape: [n, ...spatial, channels] }]);
}

function convolution(dims: number): LayerRow {
  return {
    name: `Conv${dims}d`,
    options: fc
      .tuple(
        options(
          {
            inChannels: fc.constantFrom(2, 4),
            outChannels: fc.constantFrom(2, 4),
            kernelSize: fc.integer({ min: 1, max: 3 }),
          },
          {
            stride: fc.integer({ min: 1, max: 2 }),
            padding: fc.integer({ min: 0, max: 1 }),
            dilation: fc.integer({ min: 1, max: 2 }),
            bias: fc.boolean(),
          },
        ),
        fc.constantFrom(1, 2),
      )
      .map(([own, groups]): Options => (dims === 3 ? own : { ...own, groups }))
      .filter((given) => given['padding'] !== 1 || number(given, 'kernelSize') > 1),
    limit:
      'padding as large as the kernel: MLX gives the derivative another shape than the input, which is put right here',
    inputs: (given) => space(dims, number(given, 'inChannels'), 5),
  };
}

function transposed(dims: number): LayerRow {
  return {
    name: `ConvTranspose${dims}d`,
    options: options(
      { inChannels: few, outChannels: few, kernelSize: fc.integer({ min: 1, max: 3 }) },
      { stride: fc.integer({ min: 1, max: 2 }), bias: fc.boolean() },
    ),
    inputs: (given) => space(dims, number(given, 'inChannels'), 3),
  };
}

function pooling(kind: string, dims: number): LayerRow {
  return {
    name: `${kind}Pool${dims}d`,
    options: options(
      { kernelSize: fc.integer({ min: 2, max: 3 }) },
      { stride: fc.integer({ min: 1, max: 3 }), padding: fc.integer({ min: 0, max: 1 }) },
    ),
    inputs: () => few.chain((channels) => space(dims, channels, 4)),
  };
}

const affine = { eps, affine: fc.boolean() };

const NORMALIZATION: readonly LayerRow[] = [
  {
    name: 'InstanceNorm',
    options: options({ dims: few }, affine),
    inputs: (given) => rows(number(given, 'dims'), 2),
  },
  {
    name: 'LayerNorm',
    options: options({ dims: few }, { ...affine, bias: fc.boolean() }),
    inputs: (given) => rows(number(given, 'dims')),
  },
  { name: 'RMSNorm', options: options({ dims: few }, { eps }), inputs: (given) => rows(number(given, 'dims')) },
  {
    name: 'GroupNorm',
    options: options(
      { numGroups: fc.constantFrom(1, 2), dims: fc.constantFrom(2, 4) },
      { ...affine, pytorchCompatible: fc.boolean() },
    ),
    inputs: (given) => rows(number(given, 'dims'), 2),
  },
  {
    name: 'BatchNorm',
    options: options(
      { numFeatures: few },
      { ...affine, momentum: fc.constantFrom(0.1, 0.5), trackRunningStats: fc.boolean() },
    ),
    inputs: (given) => few.map((n) => [{ shape: [n + 1, number(given, 'numFeatures')] }]),
  },
];

const RECURRENT: readonly LayerRow[] = ['RNN', 'GRU', 'LSTM'].map((name) => ({
  name,
  options: options({ inputSize: few, hiddenSize: few }, { bias: fc.boolean() }),
  inputs: (given) => fc.tuple(few, few).map(([n, length]) => [{ shape: [n, length, number(given, 'inputSize')] }]),
}));

const ATTENTION: readonly LayerRow[] = [
  {
    name: 'MultiHeadAttention',
    options: options({ dims: fc.constantFrom(4, 8), numHeads: fc.constantFrom(1, 2) }, { bias: fc.boolean() }),
    inputs: (given) =>
      fc.tuple(few, few, few).map(([n, l, s]) => {
        const dims = number(given, 'dims');
        return [{ shape: [n, l, dims] }, { shape: [n, s, dims] }, { shape: [n, s, dims] }];
      }),
  },
  ...['TransformerEncoderLayer', 'TransformerEncoder'].map(
    (name): LayerRow => ({
      name,
      options: options(
        {
          dims: fc.constant(4),
          numHeads: fc.constantFrom(1, 2),
          ...(name.endsWith('er') && !name.endsWith('Layer') ? { numLayers: fc.constant(2) } : {}),
        },
        { mlpDims: fc.constantFrom(4, 8), dropout: fc.constantFrom(0.25, 0.5), normFirst: fc.boolean() },
      ),
      inputs: () => fc.tuple(few, few).map(([n, l]) => [{ shape: [n, l, 4] }, null]),
    }),
  ),
  ...['TransformerDecoderLayer', 'TransformerDecoder'].map(
    (name): LayerRow => ({
      name,
      options: options(
        {
          dims: fc.constant(4),
          numHeads: fc.constantFrom(1, 2),
          ...(name.endsWith('Decoder') ? { numLayers: fc.constant(2) } : {}),
        },
        { mlpDims: fc.constantFrom(4, 8), dropout: fc.constantFrom(0.25, 0.5), normFirst: fc.boolean() },
      ),
      inputs: () =>
        fc.tuple(few, few, few).map(([n, l, s]) => [{ shape: [n, l, 4] }, { shape: [n, s, 4] }, null, null]),
    }),
  ),
  {
    name: 'Transformer',
    options: options({
      dims: fc.constant(4),
      numHeads: fc.constant(2),
      numEncoderLayers: fc.constant(1),
      numDecoderLayers: fc.constant(1),
      checkpoint: fc.boolean(),
    }),
    inputs: () =>
      fc.tuple(few, few, few).map(([n, l, s]) => [{ shape: [n, l, 4] }, { shape: [n, s, 4] }, null, null, null]),
  },
];

/** A row for each layer class. */
export const LAYERS: readonly LayerRow[] = [
  ...ACTIVATIONS,
  ...WITH_SETTINGS,
  {
    name: 'Linear',
    options: options({ inputDims: few, outputDims: few }, { bias: fc.boolean() }),
    inputs: (given) => rows(number(given, 'inputDims'), 1),
  },
  {
    name: 'Bilinear',
    options: options({ input1Dims: few, input2Dims: few, outputDims: few }, { bias: fc.boolean() }),
    inputs: (given) =>
      batch.map((shape) => [
        { shape: [...shape, number(given, 'input1Dims')] },
        { shape: [...shape, number(given, 'input2Dims')] },
      ]),
  },
  {
    name: 'Embedding',
    options: options({ numEmbeddings: few, dims: few }),
    inputs: (given) => batch.map((shape) => [{ shape, below: number(given, 'numEmbeddings') }]),
  },
  ...['Dropout', 'Dropout2d', 'Dropout3d'].map(
    (name): LayerRow => ({
      name,
      options: options({}, { p: fc.constantFrom(0.25, 0.5) }),
      inputs: () => space(name === 'Dropout3d' ? 3 : 2, 3, 2),
    }),
  ),
  ...[1, 2, 3].flatMap((dims) => [convolution(dims), transposed(dims), pooling('Max', dims), pooling('Avg', dims)]),
  ...NORMALIZATION,
  {
    name: 'RoPE',
    options: options({ dims: fc.constantFrom(2, 4) }, { traditional: fc.boolean(), scale: fc.constantFrom(0.5, 2) }),
    inputs: () => fc.tuple(few, few, few).map((shape) => [{ shape: [...shape, 4] }]),
  },
  {
    name: 'SinusoidalPositionalEncoding',
    options: options({ dims: fc.constantFrom(2, 4, 6) }, { cosFirst: fc.boolean(), fullTurns: fc.boolean() }),
    inputs: () => batch.map((shape) => [{ shape }]),
  },
  {
    name: 'ALiBi',
    options: none,
    inputs: () => fc.tuple(few, few, few, few).map((shape) => [{ shape }]),
  },
  ...RECURRENT,
  ...ATTENTION,
  {
    name: 'Upsample',
    options: fc.oneof(
      options({ scaleFactor: fc.constantFrom(2, 1.5, 0.5), mode: fc.constant('nearest') }),
      options(
        { scaleFactor: fc.constantFrom(2, 1.5, 0.5), mode: fc.constantFrom('linear', 'cubic') },
        { alignCorners: fc.boolean() },
      ),
      options({
        scaleFactor: fc.constantFrom(2, 0.5),
        mode: fc.constantFrom('linear', 'cubic'),
        antialias: fc.constant(true),
      }),
    ),
    inputs: () => fc.tuple(fc.integer({ min: 1, max: 2 }), few).chain(([dims, channels]) => space(dims, channels, 2)),
  },
  {
    name: 'Sequential',
    make: (given) =>
      new nn.Sequential(new nn.Linear(number(given, 'inputDims'), 4), new nn.ReLU(), nn.tanh, new nn.Linear(4, 2)),
    python: 'reference.sequential',
    options: options({ inputDims: few }),
    inputs: (given) => rows(number(given, 'inputDims'), 1),
  },
  {
    name: 'QQLinear',
    make: (given) =>
      new nn.QQLinear(number(given, 'inputDims'), 32, { mode: given['mode'] as 'nvfp4' }).eval().freeze(),
    python: 'reference.qq_linear',
    options: options({ inputDims: fc.constantFrom(64, 128), mode: fc.constantFrom('nvfp4', 'mxfp8') }),
    inputs: (given) => fc.constant([{ shape: [1, number(given, 'inputDims')] }]),
    evaluationOnly: true,
    limit: 'training, gradients, and inputs of several rows, for which MLX has no kernel on the CPU',
  },
  ...['affine', 'mxfp4', 'nvfp4', 'mxfp8'].flatMap((mode): LayerRow[] => [
    {
      name: 'QuantizedLinear',
      options: options(
        { inputDims: fc.constantFrom(64, 128), outputDims: few, mode: fc.constant(mode) },
        { bias: fc.boolean() },
      ),
      inputs: (given) => rows(number(given, 'inputDims'), 1),
    },
    {
      name: 'QuantizedEmbedding',
      options: options({ numEmbeddings: few, dims: fc.constantFrom(64, 128), mode: fc.constant(mode) }),
      inputs: (given) => few.map((n) => [{ shape: [n], below: number(given, 'numEmbeddings') }]),
    },
  ]),
];
