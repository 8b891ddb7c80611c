import { describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { askPython } from '../support/python.ts';

const SIZES = [
  [1, 5],
  [3, 1],
  [7, 16],
  [64, 33],
  [321, 100],
  [576, 576],
  [641, 65],
  [1000, 576],
  [1153, 129],
  [3000, 9],
] as const;

// OpenBLAS itself, called as MLX calls it. The values are those of `draw` below.
const SCRIPT = `
import array, ctypes, os, scipy_openblas32
folder = scipy_openblas32.get_lib_dir()
name = next(name for name in os.listdir(folder) if "openblas" in name and ".so" in name)
sgemm = ctypes.CDLL(os.path.join(folder, name)).scipy_cblas_sgemm
integer, real, pointer = ctypes.c_int, ctypes.c_float, ctypes.c_void_p
sgemm.argtypes = [integer] * 6 + [real, pointer, integer, pointer, integer, real, pointer, integer]
draw = lambda count, start: array.array("f", [((i + start) * 2654435761 % 4294967296) / 2147483648 - 1 for i in range(count)])
def address(values): return values.buffer_info()[0]
answers = []
for k, n in data:
    x, w = draw(k, 1), draw(k * n, 5000)
    for form in range(4):
        out = array.array("f", [0.0] * n)
        rows = form % 2 == 0
        if form < 2:
            sgemm(101, 111, 112 if rows else 111, 1, n, k, 1, address(x), k, address(w), k if rows else n, 0, address(out), n)
        else:
            sgemm(101, 111 if rows else 112, 111, n, 1, k, 1, address(w), k if rows else n, address(x), 1, 0, address(out), 1)
        answers.append(out.tobytes().hex())
def small(by_rows):
    out = array.array("f", [0.0] * 33)
    x, w = draw(64, 1), draw(64 * 33, 5000)
    if by_rows: w = array.array("f", [w[row * 33 + column] for column in range(33) for row in range(64)])
    sgemm(101, 111, 112 if by_rows else 111, 1, 33, 64, 1, address(x), 64, address(w), 64 if by_rows else 33, 0, address(out), 33)
    return out.tobytes()
print(json.dumps([answers, small(True) == small(False)]))
`;

const draw = (count: number, start: number): Float32Array =>
  Float32Array.from(
    { length: count },
    (_, i) => Number((BigInt(i + start) * 2654435761n) % 4294967296n) / 2147483648 - 1,
  );

const hex = (array: mx.Array): string =>
  Buffer.from(mx.contiguous(array).view(mx.uint8).toTypedArray().buffer).toString('hex');

/** The product in the four forms: vector and transposed matrix, vector and matrix, and the same from the other side. */
function products(k: number, n: number, implementation: 'native' | 'python'): mx.Array[] {
  const x = mx.array(draw(k, 1));
  const w = draw(k * n, 5000);
  const [byRows, byColumns] = [mx.array(w).reshape([n, k]), mx.array(w).reshape([k, n])];
  const options = { implementation };
  const row = x.reshape([1, k]);
  const column = x.reshape([k, 1]);
  return [
    mx.matmul(row, byRows.transpose(), options),
    mx.matmul(row, byColumns, options),
    mx.matmul(byRows, column, options),
    mx.matmul(byColumns.transpose(), column, options),
  ];
}

// Elsewhere there is no OpenBLAS, or none whose way of adding is known.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('a product with one vector', () => {
  it('has the bits of OpenBLAS’s product of matrices, on both sides, where those do not depend on the storage', () => {
    const [expected, isOne] = askPython<[string[], boolean]>(SCRIPT, SIZES);
    const [native, python] = (['native', 'python'] as const).map((implementation) =>
      SIZES.flatMap(([k, n]) => products(k, n, implementation)),
    ) as [mx.Array[], mx.Array[]];
    for (const [i, answer] of native.map(hex).entries()) {
      const what = `${SIZES[Math.floor(i / 4)]}, form ${i % 4}`;
      expect(hex(python[i] as mx.Array), `python, ${what}`).toBe(answer);
      if (isOne) expect(answer, what).toBe(expected[i]);
      // For processors with AVX-512 OpenBLAS adds in other orders for other storages.
      const other = new Float32Array(Uint8Array.from(Buffer.from(expected[i] as string, 'hex')).buffer);
      expect(
        mx
          .allclose(native[i] as mx.Array, mx.array(other).reshape((native[i] as mx.Array).shape), {
            rtol: 1e-4,
            atol: 1e-4,
          })
          .item(),
        what,
      ).toBe(true);
    }
  });

  it('does not depend on how the operands are stored, as that of two matrices does not', () => {
    for (const dtype of [mx.float32, mx.float64]) {
      for (const [m, n, k] of [
        [1, 33, 64],
        [33, 1, 64],
        [32, 32, 32],
        [100, 100, 100],
        [100, 101, 100],
        [60, 40, 400],
        [2, 300, 700],
      ] as const) {
        const a = mx
          .array(draw(m * k, 1))
          .reshape([m, k])
          .astype(dtype);
        const b = mx
          .array(draw(k * n, 7))
          .reshape([k, n])
          .astype(dtype);
        const other = (x: mx.Array) => mx.contiguous(x.T).T;
        const expected = hex(mx.matmul(a, b, { stream: mx.cpu }));
        for (const [left, right] of [
          [a, other(b)],
          [other(a), b],
          [other(a), other(b)],
        ] as const) {
          expect(hex(mx.matmul(left, right, { stream: mx.cpu })), `${dtype} ${m} ${n} ${k}`).toBe(expected);
        }
      }
    }
  });

  it('keeps infinities and what is not a number', () => {
    const w = mx.array(draw(64 * 40, 3)).reshape([40, 64]);
    const x = mx.zeros([1, 64]).add(mx.array([Number.POSITIVE_INFINITY]));
    const results = mx.matmul(x, w.transpose()).tolist() as number[][];
    // Weights of both signs: infinity less infinity.
    expect(results[0]?.every(Number.isNaN)).toBe(true);
    expect(mx.matmul(mx.zeros([1, 64]), w.transpose()).tolist()).toEqual([Array(40).fill(0)]);
  });

  it('adds to what a product is added to', () => {
    const [x, w, c] = [mx.ones([1, 8]), mx.ones([8, 3]), mx.array([[1, 2, 3]])];
    expect(mx.addmm(c, x, w, { alpha: 2, beta: 3 }).tolist()).toEqual([[19, 22, 25]]);
  });
});
