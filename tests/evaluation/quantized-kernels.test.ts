import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { pythonPath } from '../support/python.ts';

// Python by itself has MLX's own products.
const SCRIPT = `
import sys
import mlx.core as mx
mx.set_default_device(mx.cpu)
mx.random.seed(7)
arrays = {}
def put(name, x, w, **options):
    gather = options.pop("gather", None)
    q = mx.quantize(w, options["group_size"], options["bits"])
    if gather is None:
        out = mx.quantized_matmul(x, *q, **options)
    else:
        out = mx.gather_qmm(x, *q, lhs_indices=gather[0], rhs_indices=gather[1], **options)
        arrays[name + ".lhs"], arrays[name + ".rhs"] = gather
    arrays.update({name + ".x": x, name + ".w": q[0], name + ".s": q[1], name + ".b": q[2], name + ".out": out})
for dtype in (mx.float32, mx.float16, mx.bfloat16):
    for bits in (2, 3, 4, 5, 6, 8):
        for group_size in (32, 64, 128):
            options = dict(bits=bits, group_size=group_size)
            name = f"{str(dtype).split('.')[-1]}.{bits}.{group_size}"
            draw = lambda *shape: mx.random.normal(shape).astype(dtype)
            put(name + ".one", draw(1, 384), draw(33, 384), transpose=True, **options)
            put(name + ".line", draw(128), draw(5, 128), transpose=True, **options)
            put(name + ".some", draw(2, 3, 128), draw(70, 128), transpose=True, **options)
            put(name + ".across", draw(6, 7), draw(7, 256), transpose=False, **options)
            put(name + ".stack", draw(3, 2, 128), draw(3, 40, 128), transpose=True, **options)
            lhs, rhs = mx.array([1, 0, 1, 1], mx.uint32), mx.array([2, 2, 0, 1], mx.uint32)
            put(name + ".gather", draw(2, 1, 128), draw(3, 36, 128), transpose=True, gather=(lhs, rhs), **options)
            put(name + ".gather-across", draw(2, 3, 9), draw(3, 9, 128), transpose=False, gather=(lhs, rhs), **options)
x, w = mx.random.normal((70, 2048)), mx.random.normal((2048, 2048))
put("float32.4.64.large", x, w, transpose=True, bits=4, group_size=64)
put("float32.4.64.large-one", x[:1], w, transpose=True, bits=4, group_size=64)
x = mx.random.normal((4, 128)) * mx.array([[1e30], [1e-42], [float("inf")], [0]])
put("float32.8.32.extreme", x, mx.random.normal((64, 128)) * 1e10, transpose=True, bits=8, group_size=32)
x = (mx.random.normal((3, 128)) * mx.array([[60000.0], [1e-7], [1]])).astype(mx.float16)
put("float16.8.32.extreme", x, mx.random.normal((64, 128)).astype(mx.float16), transpose=True, bits=8, group_size=32)
mx.save_safetensors(sys.argv[1], arrays)
`;

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-products-'));
let arrays: Record<string, mx.Array>;

beforeAll(() => {
  const file = join(folder, 'products.safetensors');
  execFileSync(pythonPath(), ['-c', SCRIPT, file]);
  arrays = mx.load(file) as Record<string, mx.Array>;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (tensor: mx.Array) => Buffer.from(mx.contiguous(tensor).view(mx.uint8).toTypedArray().buffer);

function product(name: string, implementation: 'native' | 'python'): mx.Array {
  const [, bits, groupSize, form] = name.split('.') as [string, string, string, string];
  const { x, w, s, b, lhs, rhs } = Object.fromEntries(
    ['x', 'w', 's', 'b', 'lhs', 'rhs'].map((part) => [part, arrays[`${name}.${part}`]]),
  ) as Record<string, mx.Array>;
  const transpose = !form.endsWith('across');
  const options = { transpose, bits: Number(bits), groupSize: Number(groupSize), implementation };
  if (lhs === undefined) return mx.quantizedMatmul(x!, w!, s!, b!, options);
  return mx.gatherQmm(x!, w!, s!, b!, { ...options, lhsIndices: lhs, rhsIndices: rhs });
}

describe('a quantized product on a CPU', () => {
  const names = () =>
    Object.keys(arrays)
      .filter((key) => key.endsWith('.out'))
      .map((key) => key.slice(0, -4));

  it('has the bits of MLX’s own, natively and in a worker', () => {
    expect(names().length).toBe(3 * 6 * 3 * 7 + 4);
    for (const name of names()) {
      const expected = bytes(arrays[`${name}.out`]!);
      expect(
        expected.some((byte) => byte !== 0),
        name,
      ).toBe(true);
      expect(bytes(product(name, 'native')).equals(expected), name).toBe(true);
    }
    for (const name of names().filter((_, i) => i % 9 === 0)) {
      expect(bytes(product(name, 'python')).equals(bytes(arrays[`${name}.out`]!)), name).toBe(true);
    }
  });

  it('has them from several threads at a time, and of operands that are views', async () => {
    const name = 'float32.4.64.large';
    const expected = bytes(arrays[`${name}.out`]!);
    const [w, s, b] = ['w', 's', 'b'].map((part) => arrays[`${name}.${part}`]!) as [mx.Array, mx.Array, mx.Array];
    const x = arrays[`${name}.x`]!;
    // Not contiguous: MLX copies them first.
    const view = mx.stack([x, x], { axis: 2 }).index('...', 1);
    const streams = [mx.newStream(mx.cpu), mx.newStream(mx.cpu), mx.newStream(mx.cpu)];
    const products = [x, view, x].map((operand, i) =>
      mx.quantizedMatmul(operand, w, s, b, { bits: 4, groupSize: 64, stream: streams[i]! }),
    );
    await mx.asyncEval(...products);
    for (const result of products) expect(bytes(result).equals(expected)).toBe(true);
  });

  it('has gradients of the other form of the product', () => {
    const name = 'float32.4.64.large';
    const [w, s, b] = ['w', 's', 'b'].map((part) => arrays[`${name}.${part}`]!) as [mx.Array, mx.Array, mx.Array];
    const x = arrays[`${name}.x`]!;
    const options = { bits: 4, groupSize: 64 };
    const slope = mx.grad((at: mx.Array) => mx.sum(mx.quantizedMatmul(at, w, s, b, options)))(x);
    const full = mx.dequantize(w, s, b, options);
    const expected = mx.broadcastTo(mx.sum(full, { axis: 0 }), x.shape);
    expect(mx.allclose(slope, expected, { rtol: 1e-4, atol: 1e-3 }).item()).toBe(true);
  });
});
