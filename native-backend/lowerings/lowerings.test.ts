import { describe, expect, it } from 'vitest';
import { type Dtype, float16, float32, int8, int32, int64 } from '../../foundation/values/dtypes.ts';
import { type Argument, Handle, Scalar, Slice } from '../../foundation/values/values.ts';
import { CATALOGUE } from '../../registry/catalogue/index.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { LOWERINGS } from './index.ts';
import type { CArgument, LoweringContext } from './lowering.ts';

const shapes = new Map<Handle, readonly number[]>();

function tensor(...shape: number[]): Handle {
  const handle = new Handle(shapes.size, {});
  shapes.set(handle, shape);
  return handle;
}

const context: LoweringContext = {
  shape: (handle) => shapes.get(handle) ?? [],
  forget: () => undefined,
  dtype: (): Dtype => int8,
  scalar: () => tensor(),
  integers: (_, shape) => tensor(...shape),
};

/** The C calls that a lowering makes, each with its arguments. */
function calls(name: string, ...args: readonly Argument[]): [string, ...CArgument[]][] {
  const made: [string, ...CArgument[]][] = [];
  LOWERINGS[name]?.(
    (cName, ...cArgs) => {
      made.push([cName, ...cArgs]);
      return cName === 'linalg_svd' ? [tensor(), tensor(), tensor()] : tensor(3, 4, 5);
    },
    args,
    context,
  );
  return made;
}

describe('LOWERINGS', () => {
  it('has one for every operation that the catalogue says is lowered, and no other', () => {
    const lowered = CATALOGUE.filter(
      ({ native }) => typeof native === 'object' && native !== null && 'lowering' in native,
    );
    expect(Object.keys(LOWERINGS).sort()).toEqual(lowered.map(qualifiedName).sort());
  });
});

describe('creation', () => {
  it.each([
    [
      [5, null, null, null],
      [0, 5, 1, int32],
    ],
    [
      [1, 5, null, null],
      [1, 5, 1, int32],
    ],
    [
      [0, 1, 0.25, null],
      [0, 1, 0.25, float32],
    ],
    [
      [0, 2 ** 40, 2 ** 39, null],
      [0, 2 ** 40, 2 ** 39, int64],
    ],
    [
      [4n, null, null, float16],
      [0, 4, 1, float16],
    ],
  ])('arange, case %#', (given, expected) => {
    expect(calls('arange', ...given)).toEqual([['arange', ...expected]]);
  });

  it('takes the dtype that is left out from the value or the tensor', () => {
    const scalar = new Scalar(3, float32);
    const a = tensor(2);
    expect(calls('full', [2], scalar, null)).toEqual([['full', [2], scalar, float32]]);
    expect(calls('full_like', a, scalar, null)).toEqual([['full_like', a, scalar, int8]]);
    expect(calls('zeros_like', a, null)).toEqual([['zeros_like', a]]);
    expect(calls('zeros_like', a, int32)).toEqual([['zeros_like_dtype', a, int32]]);
  });
});

describe('shape', () => {
  const a = tensor(2, 3);
  const zero = new Scalar(0, float32);

  it.each([
    [2, ['pad_symmetric', a, 2, zero, 'edge']],
    [[2], ['pad_symmetric', a, 2, zero, 'edge']],
    [
      [1, 2],
      ['pad', a, [0, 1], [1, 1], [2, 2], zero, 'edge'],
    ],
    [[[1, 2]], ['pad', a, [0, 1], [1, 1], [2, 2], zero, 'edge']],
    [
      [
        [1, 2],
        [3, 4],
      ],
      ['pad', a, [0, 1], [1, 3], [2, 4], zero, 'edge'],
    ],
  ])('pad %j', (width, expected) => {
    expect(calls('pad', a, width, 'edge', zero)).toEqual([expected]);
  });

  it('refuses padding that is no pair', () => {
    expect(() => calls('pad', a, [1, 2, 3], 'edge', zero)).toThrow('pad_width');
  });

  it('rolls one number over every axis given', () => {
    expect(calls('roll', a, 1, [0, 1])).toEqual([['roll_axes', a, [1, 1], [0, 1]]]);
    expect(calls('roll', a, 1, null)).toEqual([['roll', a, [1]]]);
  });

  it('gives row-major strides where none are given', () => {
    expect(calls('as_strided', a, null, null, 1)).toEqual([['as_strided', a, [2, 3], [3, 1], 1]]);
  });
});

describe('fft', () => {
  const a = tensor(6, 4);

  it('fills in sizes and axes, twice the frequencies less one for the inverse of real input', () => {
    expect(calls('fft.fft', a, null, -1, 'ortho')).toEqual([['fft_fft', a, 4, -1, 'ortho']]);
    expect(calls('fft.irfft', a, null, 0, 'ortho')).toEqual([['fft_irfft', a, 10, 0, 'ortho']]);
    expect(calls('fft.irfftn', a, null, null, 'ortho')).toEqual([['fft_irfftn', a, [6, 6], [0, 1], 'ortho']]);
    expect(calls('fft.irfft2', a, [3, 3], [0, 1], 'ortho')).toEqual([['fft_irfft2', a, [3, 3], [0, 1], 'ortho']]);
  });

  it('refuses sizes without axes, and an axis that is not there, as an error of MLX', () => {
    expect(() => calls('fft.fftn', a, [2], null, 'ortho')).toThrow('`axes` should not be `None`');
    expect(() => calls('fft.fft', a, null, 5, 'ortho')).toThrow(expect.objectContaining({ code: 'ERR_MLX_OPERATION' }));
  });
});

describe('index', () => {
  const a = tensor(3, 4, 5);

  it('makes one slice of numbers and slices, and takes the axes of the numbers away', () => {
    expect(calls('index', a, [-1, new Slice(null, null, -2), '...'])).toEqual([
      ['slice', a, [2, 3, 0], [3, -5, 5], [1, -2, 1]],
      ['squeeze_axes', expect.any(Handle), [0]],
    ]);
  });

  it('does nothing for an index that picks everything', () => {
    expect(calls('index', a, ['...'])).toEqual([]);
  });

  it('puts the axes of index tensors that are apart in front, of adjacent ones in place', () => {
    const i = tensor(3);
    const neighbours = calls('index', a, [new Slice(null, null, null), i]).map(([name]) => name);
    expect(neighbours).toEqual(['gather', 'squeeze_axes', 'transpose_axes']);
    const apart = calls('index', a, [i, new Slice(null, null, null), i]).map(([name]) => name);
    expect(apart).toEqual(['gather', 'squeeze_axes']);
  });

  it('refuses too many parts and a second ellipsis', () => {
    expect(() => calls('index', a, [null, 0, 0, 0, 0])).toThrow('Too many indices');
    expect(() => calls('index', a, ['...', '...'])).toThrow('single ellipsis');
  });
});

describe('linalg, random, conv and fast', () => {
  const a = tensor(2, 2);

  it('chooses the norm by the type of its order', () => {
    expect(calls('linalg.norm', a, null, null, false)).toEqual([['linalg_norm_l2', a, null, false]]);
    expect(calls('linalg.norm', a, 'fro', [0, 1], true)).toEqual([['linalg_norm_matrix', a, 'fro', [0, 1], true]]);
    expect(calls('linalg.norm', a, 2, 1, true)).toEqual([['linalg_norm', a, 2, [1], true]]);
  });

  it('gives the singular values alone without the vectors', () => {
    expect(LOWERINGS['linalg.svd']?.(() => [a], [a, false], context)).toBe(a);
  });

  it('takes the shape that is left out from the parameters of the distribution', () => {
    expect(calls('random.bernoulli', a, null, a)).toEqual([['random_bernoulli', a, [2, 2], a]]);
    expect(calls('random.bernoulli', new Scalar(0.5, float32), null, a)[0]?.[2]).toEqual([]);
  });

  it('refuses a shape and a count of samples together', () => {
    expect(() => calls('random.categorical', a, -1, [2], 3, a)).toThrow('At most one');
  });

  it('spreads one number over three spatial axes, and refuses two', () => {
    expect(calls('conv3d', a, a, 2, [0, 1, 2], 1, 1)).toEqual([['conv3d', a, a, 2, 2, 2, 0, 1, 2, 1, 1, 1, 1]]);
    expect(() => calls('conv3d', a, a, [2, 2], 0, 1, 1)).toThrow('three');
  });

  it('reverses the shorter vector of a convolution unless it has one element, and pads an even one on one side more', () => {
    const [one, four, six] = [tensor(1), tensor(4), tensor(6)];
    const made = (...args: readonly Argument[]) => calls('convolve', ...args);
    expect(made(four, six, 'full').map(([name]) => name)).toEqual(['slice', 'reshape', 'reshape', 'conv1d', 'reshape']);
    expect(made(four, six, 'full')[0]).toEqual(['slice', four, [3], [-5], [-1]]);
    expect(made(four, six, 'full')[3]?.slice(3)).toEqual([1, 3, 1, 1]);
    expect(made(six, four, 'same')[3]?.slice(2, 5)).toEqual([
      [0, 1, 2],
      [0, 2, 0],
      [0, 1, 0],
    ]);
    expect(made(six, one, 'same').map(([name]) => name)).toEqual(['reshape', 'reshape', 'conv1d', 'reshape']);
    expect(() => made(tensor(2, 2), one, 'full')).toThrow('1D');
    expect(() => made(one, tensor(0), 'full')).toThrow('empty');
  });

  it('distinguishes a causal mask from a tensor, and refuses another word', () => {
    const attention = 'fast.scaled_dot_product_attention';
    expect(calls(attention, a, a, a, 1, 'causal', null, false)[0]?.slice(5)).toEqual(['causal', null, null, false]);
    expect(calls(attention, a, a, a, 1, a, null, false)[0]?.slice(5)).toEqual(['', a, null, false]);
    expect(() => calls(attention, a, a, a, 1, 'none', null, false)).toThrow('invalid mask option');
  });
});
