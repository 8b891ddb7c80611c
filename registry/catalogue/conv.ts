import { oneOrThree, paddings } from '../arguments/preconditions/conv.ts';
import { convolutionEdges } from '../arguments/preconditions/convolution-edges.ts';
import { positive } from '../arguments/preconditions/precondition.ts';
import type { Operation } from '../operation.ts';
import { any, array, axes, bool, int, type Parameter, pair, string } from '../parameters.ts';
import type { SpecialGenerator } from '../sample.ts';
import { family, type Row, special } from './entry.ts';

const op = family('conv');

/** One number for every spatial axis, or one for each. */
const TRIPLE = { type: 'number | readonly [number, number, number]' };
const LIST = { type: 'number | readonly number[]' };

const transposed = ['padding-out-of-bounds', 'longer-input'] as const;
const grouped = positive('groups');

/** Each has a generator of its own name. */
type Convolution = SpecialGenerator & (`conv${number}d` | `conv_transpose${number}d`);

function conv(name: Convolution, doc: string, parameters: readonly Parameter[], row: Partial<Row> = {}): Operation {
  return op(name, [array('input'), array('weight'), ...parameters, int('groups', 1)], {
    doc,
    python: `mlx_router_worker.workarounds.convolution_padding:${name}`,
    preconditions: [grouped, convolutionEdges],
    precision: 'single',
    limits: ['padding-out-of-bounds'],
    sample: special(
      name,
      'input (N, ...spatial, C), weight (O, ...kernel, C / groups); the padded input covers the dilated kernel',
      'float',
      'finite',
    ),
    ...row,
  });
}

const triples = [axes('stride', 1, TRIPLE), axes('padding', 0, TRIPLE), axes('dilation', 1, TRIPLE)];

export const convolutions: readonly Operation[] = [
  conv(
    'conv1d',
    'Convolution of (N, L, C) with (O, K, C / groups).',
    [int('stride', 1), int('padding', 0), int('dilation', 1)],
    {
      example: [
        'const signal = mx.ones([1, 5, 1]); // batch, length, channels',
        'console.log(mx.conv1d(signal, mx.ones([1, 3, 1])).shape); // → [ 1, 3, 1 ]',
      ],
    },
  ),
  conv('conv2d', 'Convolution of (N, H, W, C) with (O, KH, KW, C / groups).', [
    pair('stride', 1),
    pair('padding', 0),
    pair('dilation', 1),
  ]),
  conv('conv3d', 'Convolution of (N, D, H, W, C) with (O, KD, KH, KW, C / groups).', triples, {
    native: { lowering: ['conv3d'] },
    preconditions: [grouped, oneOrThree('stride', 'padding', 'dilation'), convolutionEdges],
  }),
  conv(
    'conv_transpose1d',
    'Transposed convolution of (N, L, C) with (O, K, C / groups).',
    [int('stride', 1), int('padding', 0), int('dilation', 1), int('output_padding', 0)],
    { preconditions: [grouped], limits: transposed },
  ),
  conv(
    'conv_transpose2d',
    'Transposed convolution of (N, H, W, C) with (O, KH, KW, C / groups).',
    [pair('stride', 1), pair('padding', 0), pair('dilation', 1), pair('output_padding', 0)],
    { preconditions: [grouped], limits: transposed },
  ),
  conv(
    'conv_transpose3d',
    'Transposed convolution of (N, D, H, W, C) with (O, KD, KH, KW, C / groups).',
    [...triples, axes('output_padding', 0, TRIPLE)],
    {
      native: { lowering: ['conv_transpose3d'] },
      preconditions: [grouped, oneOrThree('stride', 'padding', 'dilation', 'output_padding')],
      limits: transposed,
    },
  ),
  op(
    'conv_general',
    [
      array('input'),
      array('weight'),
      axes('stride', 1, LIST),
      any('padding', 0, { type: 'number | readonly number[] | readonly [readonly number[], readonly number[]]' }),
      axes('kernel_dilation', 1, LIST),
      axes('input_dilation', 1, LIST),
      int('groups', 1),
      bool('flip', false),
    ],
    {
      doc: 'Convolution over any number of axes, with dilation of the input and padding of each side.',
      python: 'mlx_router_worker.workarounds.convolution_padding:conv_general',
      native: { lowering: ['conv_general'] },
      preconditions: [grouped, paddings, convolutionEdges],
      precision: 'single',
      limits: ['padding-out-of-bounds', 'cut-twice'],
      sample: special(
        'conv_general',
        'as conv1d to conv3d; padding may be two lists: before and after',
        'float',
        'finite',
      ),
    },
  ),
  op('convolve', [array('a'), array('v'), string('mode', 'full', { choices: ['full', 'valid', 'same'] })], {
    doc: 'Discrete convolution of two vectors.',
    python: 'mlx_router_worker.workarounds.convolution_padding:convolve',
    native: { lowering: ['slice', 'reshape', 'pad', 'conv1d'] },
    precision: 'single',
    limits: ['padding-out-of-bounds'],
    sample: special('convolve', 'two vectors of size 1 or more', 'float', 'finite'),
  }),
];
