import { classes, mask, offset } from '../arguments/preconditions/fast.ts';
import type { Operation } from '../operation.ts';
import { any, array, bool, float, indices, int } from '../parameters.ts';
import { family, special } from './entry.ts';

const op = family('fast', 'fast');

const keyword = { keywordOnly: true } as const;

export const fast: readonly Operation[] = [
  op('rms_norm', [array('x'), array('weight', undefined, { nullable: true }), float('eps')], {
    doc: 'Root mean square normalisation along the last axis, times a weight.',
    example: ['console.log(mx.fast.rmsNorm(mx.ones([2, 4]), null, 1e-5).shape); // → [ 2, 4 ]'],
    precision: 'single',
    sample: special('rms_norm', 'rank 1 or more; weight null or as long as the last axis', 'float', 'finite'),
  }),
  op(
    'layer_norm',
    [
      array('x'),
      array('weight', undefined, { nullable: true }),
      array('bias', undefined, { nullable: true }),
      float('eps'),
    ],
    {
      doc: 'Layer normalisation along the last axis, times a weight, plus a bias.',
      precision: 'single',
      sample: special(
        'layer_norm',
        'rank 1 or more; weight and bias null or as long as the last axis',
        'float',
        'finite',
      ),
    },
  ),
  op('cross_entropy', [array('logits'), indices('targets')], {
    doc: 'Cross entropy of logits (..., n) with class indices (...), element by element, as float32.',
    python: 'mlx_router_worker.workarounds.clamped_indices:cross_entropy',
    preconditions: [classes],
    precision: 'single',
    sample: special(
      'cross_entropy',
      'targets from 0 up to the last size of logits, in the shape of its other axes',
      'float',
      'finite',
    ),
  }),
  op(
    'rope',
    [
      array('a'),
      int('dims'),
      bool('traditional', undefined, keyword),
      float('base', undefined, { ...keyword, nullable: true }),
      float('scale', undefined, keyword),
      any('offset', undefined, { ...keyword, type: 'number | array' }),
      array('freqs', null, keyword),
    ],
    {
      doc: 'Rotary positional encoding of (B, ..., T, D), from a base or from given frequencies.',
      native: { lowering: ['fast_rope', 'fast_rope_dynamic'] },
      preconditions: [offset],
      precision: 'single',
      limits: ['rope-of-two'],
      sample: special(
        'rope',
        'rank 3 or more; dims even, up to the last size; exactly one of base and freqs',
        'float',
        'finite',
      ),
    },
  ),
  op(
    'scaled_dot_product_attention',
    [
      array('q'),
      array('k'),
      array('v'),
      float('scale', undefined, keyword),
      any('mask', null, { ...keyword, type: "'causal' | array" }),
      array('sinks', null, keyword),
      bool('force_fused', false, keyword),
    ],
    {
      doc: 'Attention softmax(scale q kT + mask) v of q (B, N, T, D) with k and v (B, M, S, D), M dividing N.',
      native: { lowering: ['fast_scaled_dot_product_attention'] },
      preconditions: [mask],
      precision: 'single',
      sample: special(
        'attention',
        'force_fused false on CPU; a mask of bool or the dtype of q that broadcasts to (B, N, T, S)',
        'float',
        'finite',
      ),
    },
  ),
  op(
    'adam_step',
    [
      ...[array('parameter'), array('gradient'), array('m'), array('v'), array('learning_rate')],
      ...[float('beta1', undefined, keyword), float('beta2', undefined, keyword), float('eps', undefined, keyword)],
      float('weight_decay', 0, keyword),
    ],
    {
      doc: 'The parameter and its two moments after a step of Adam, of which `optimizers.Adam` is made.',
      result: 'arrays',
      returns: '[array, array, array]',
      python: 'mlx_router_worker.steps:adam_step',
      sample: special(
        'adam_step',
        'parameter, gradient and moments of one shape and dtype, or broadcast together; v not negative; a learning rate without dimensions',
        'float',
        'finite',
      ),
    },
  ),
];
