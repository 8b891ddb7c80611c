import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

type Tensor = ReturnType<typeof mx.array>;

const counted = (...shape: number[]) => mx.arange(shape.reduce((size, extent) => size * extent, 1)).reshape(shape);

describe.each(['native', 'python'] as const)('views that MLX takes for others, on the %s side', (implementation) => {
  const on = (run: () => Tensor | readonly Tensor[]) =>
    mx.withImplementation(implementation, () => {
      const result = run();
      return result instanceof mx.array ? result.tolist() : (result as readonly Tensor[]).map((part) => part.tolist());
    });

  it.each([
    ['sliced', (a: Tensor) => a.index('::-1, ::-1')],
    ['sliced beside a new axis', (a: Tensor) => a.index('None, ::-1, ::-1').squeeze(0)],
    ['flipped', (a: Tensor) => mx.flip(a)],
    ['flipped along each axis', (a: Tensor) => mx.flip(mx.flip(a, 0), [1])],
    ['strided', (a: Tensor) => mx.asStrided(a, [3, 4], [-4, -1], 11)],
  ] as const)('are split rightly when they run backwards: %s', (_, backwards) => {
    expect(on(() => mx.split(backwards(counted(3, 4)), 2, 1).map((part) => mx.negative(part)))).toEqual([
      [
        [-11, -10],
        [-7, -6],
        [-3, -2],
      ],
      [
        [-9, -8],
        [-5, -4],
        [-1, 0],
      ],
    ]);
  });

  it('are crossed and multiplied in blocks rightly', () => {
    const a = () => mx.flip(counted(2, 3).astype(mx.float32));
    expect(on(() => mx.linalg.cross(a(), mx.ones([2, 3])))).toEqual([
      [1, -2, 1],
      [1, -2, 1],
    ]);
    const mask = mx.ones([2, 2], mx.bool);
    const square = () => mx.flip(counted(64, 64).astype(mx.float32));
    const product = on(() => mx.sum(mx.blockMaskedMm(square(), mx.eye(64), 32, mask, mask, mask)));
    expect(product).toBe((4096 * 4095) / 2);
  });

  it.each([
    ['sum', 0],
    ['prod', 1],
    ['all', true],
    ['any', false],
  ] as const)('are reduced to the end by %s when they are empty', (name, neutral) => {
    for (let round = 0; round < 20; round++) {
      expect(on(() => mx[name](mx.zeros([0, 3]).T, 1))).toEqual([neutral, neutral, neutral]);
      expect(on(() => mx[name](mx.zeros([2, 0, 3]).transpose([2, 1, 0]), 1))).toEqual(
        Array.from({ length: 3 }, () => [neutral, neutral]),
      );
    }
  });

  it('are reduced under a gradient when they are empty', () => {
    const sum = (a: Tensor) => mx.sum(mx.add(mx.sum(mx.multiply(a.T, 2), 1), 1)) as Tensor;
    const gradient = mx.withImplementation('native', () => mx.grad(sum)(mx.zeros([0, 3])) as Tensor);
    expect(gradient.shape).toEqual([0, 3]);
  });
});

describe.each(['native', 'python'] as const)('a padding of more places than the result, on the %s side', (side) => {
  const on = (run: () => Tensor) => mx.withImplementation(side, () => run().tolist());
  const ramp = (...shape: number[]) => counted(...shape).astype(mx.float32);

  it('pads', () => {
    // Of a 5 by 5 kernel over one pixel only its middle is seen.
    expect(on(() => mx.conv2d(mx.ones([1, 1, 1, 1]), ramp(1, 5, 5, 1), 1, 2))).toEqual([[[[12]]]]);
    expect(on(() => mx.conv3d(mx.ones([1, 1, 1, 1, 1]), ramp(1, 5, 5, 5, 1), 1, 2))).toEqual([[[[[62]]]]]);
    const sides: [number[], number[]] = [
      [4, 0],
      [0, 4],
    ];
    expect(on(() => mx.convGeneral(mx.ones([1, 1, 1, 1]), ramp(1, 5, 5, 1), { padding: sides }))).toEqual([[[[20]]]]);
    expect(on(() => mx.convGeneral(mx.ones([1, 1, 1, 1]), ramp(1, 5, 5, 1), { padding: sides, flip: true }))).toEqual([
      [[[4]]],
    ]);
  });

  it('pads where it is transposed', () => {
    expect(on(() => mx.convTranspose2d(mx.ones([1, 1, 1, 1]), ramp(1, 5, 5, 1), 1, 2))).toEqual([[[[12]]]]);
    expect(on(() => mx.convTranspose3d(mx.ones([1, 1, 1, 1, 1]), ramp(1, 5, 5, 5, 1), 1, 2))).toEqual([[[[[62]]]]]);
  });
});
