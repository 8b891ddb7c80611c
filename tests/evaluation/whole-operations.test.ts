import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { primitivesOf } from '../support/graph.ts';
import { pythonPath } from '../support/python.ts';

// Python by itself puts these operations together from others.
const SCRIPT = `
import sys
import mlx.core as mx
mx.set_default_device(mx.cpu)
mx.random.seed(11)
arrays = {}
def put(name, out, **given):
    arrays.update({f"{name}.{key}": value for key, value in given.items()})
    arrays[name + ".out"] = out
LAYOUTS = {
    "rows": lambda x: x,
    "turned": lambda x: mx.swapaxes(mx.contiguous(mx.swapaxes(x, -1, -2)), -1, -2),
    "heads": lambda x: mx.swapaxes(mx.contiguous(mx.swapaxes(x, 1, 2)), 1, 2),
    "strided": lambda x: mx.repeat(x, 2, -1)[..., ::2],
    "reversed": lambda x: mx.contiguous(x[..., ::-1])[..., ::-1],
}
for dtype in (mx.float32, mx.float16, mx.bfloat16):
    kind = str(dtype).split('.')[-1]
    draw = lambda *shape: mx.random.normal(shape).astype(dtype)
    for name, layout in LAYOUTS.items():
        x, w, b = draw(2, 3, 5, 16), draw(16), draw(32)[::2]
        put(f"rms.{kind}.{name}", mx.fast.rms_norm(layout(x), w, 1e-5), x=x, w=w)
        put(f"plain-rms.{kind}.{name}", mx.fast.rms_norm(layout(x), None, 1e-3), x=x)
        put(f"layer.{kind}.{name}", mx.fast.layer_norm(layout(x), w, b, 1e-5), x=x, w=w, b=b)
        put(f"plain-layer.{kind}.{name}", mx.fast.layer_norm(layout(x), None, None, 1e-5), x=x)
        for traditional in (False, True):
            for dims in (16, 6):
                turn = lambda y, offset, base, **other: mx.fast.rope(
                    layout(y), dims, traditional=traditional, base=base, offset=offset, **other)
                case = f"rope-{'t' if traditional else 'f'}-{dims}.{kind}.{name}"
                offsets, freqs = mx.array([7, 2000]), mx.random.uniform(0.5, 900, (dims // 2,))
                put(case + ".one", turn(x, 3, 10000.0, scale=1.0), x=x)
                put(case + ".far", turn(x, 30000000, 100.0, scale=0.25), x=x)
                put(case + ".each", turn(x, offsets, 10000.0, scale=1.0), x=x, offsets=offsets)
                put(case + ".freqs", turn(x, 11, None, scale=0.5, freqs=freqs), x=x, freqs=freqs)
                put(case + ".flat", turn(x[:, 0], 5, 10000.0, scale=1.0), x=x)
big = mx.random.normal((300, 700)) * mx.exp(mx.random.normal((300, 1)) * 30)
put("rms.float32.large", mx.fast.rms_norm(big, None, 1e-6), x=big)
put("layer.float32.large", mx.fast.layer_norm(big, None, None, 1e-6), x=big)
odd = mx.array([[0.0] * 8, [float("inf")] + [1.0] * 7, [float("nan")] * 8, [-0.0] * 8, [1e-30] * 8])
put("rms.float32.odd", mx.fast.rms_norm(odd, None, 0.0), x=odd)
put("layer.float32.odd", mx.fast.layer_norm(odd, None, None, 0.0), x=odd)
mx.save_safetensors(sys.argv[1], arrays)
`;

type Layout = (x: mx.Array) => mx.Array;

const LAYOUTS: Record<string, Layout> = {
  rows: (x) => x,
  turned: (x) => mx.swapaxes(mx.contiguous(mx.swapaxes(x, -1, -2)), -1, -2),
  heads: (x) => mx.swapaxes(mx.contiguous(mx.swapaxes(x, 1, 2)), 1, 2),
  strided: (x) => mx.repeat(x, 2, -1).index('...', new mx.Slice(null, null, 2)),
  reversed: (x) =>
    mx.contiguous(x.index('...', new mx.Slice(null, null, -1))).index('...', new mx.Slice(null, null, -1)),
};

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-whole-'));
let arrays: Record<string, mx.Array>;

beforeAll(() => {
  const file = join(folder, 'whole.safetensors');
  execFileSync(pythonPath(), ['-c', SCRIPT, file]);
  arrays = mx.load(file) as Record<string, mx.Array>;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (tensor: mx.Array) => Buffer.from(mx.contiguous(tensor).view(mx.uint8).toTypedArray().buffer);
const given = (name: string, part: string) => arrays[`${name}.${part}`] as mx.Array;
const names = (start: string) =>
  Object.keys(arrays)
    .filter((key) => key.startsWith(start) && key.endsWith('.out'))
    .map((key) => key.slice(0, -'.out'.length));

/** Every case whose name begins so is computed; gives how many had other bits than Python's. */
function compared(start: string, compute: (name: string, x: mx.Array) => mx.Array): [wrong: string[], count: number] {
  const wrong: string[] = [];
  const all = names(start);
  for (const name of all) {
    const layout = LAYOUTS[name.split('.')[2] as string] ?? ((x: mx.Array) => x);
    const ours = compute(name, layout(given(name, 'x')));
    if (!bytes(ours).equals(bytes(given(name, 'out')))) wrong.push(name);
  }
  return [wrong, all.length];
}

describe('operations that MLX puts together on a CPU', () => {
  it('normalizes by the root of the mean square in the bits of MLX', () => {
    const [wrong, count] = compared('rms.', (name, x) =>
      mx.fast.rmsNorm(x, arrays[`${name}.w`] ?? null, epsilon(name)),
    );
    expect({ wrong, count }).toEqual({ wrong: [], count: 17 });
    const [plain, others] = compared('plain-rms.', (_, x) => mx.fast.rmsNorm(x, null, 1e-3));
    expect({ plain, others }).toEqual({ plain: [], others: 15 });
  });

  it('normalizes layers in the bits of MLX', () => {
    const [wrong, count] = compared('layer.', (name, x) =>
      mx.fast.layerNorm(x, arrays[`${name}.w`] ?? null, arrays[`${name}.b`] ?? null, epsilon(name)),
    );
    expect({ wrong, count }).toEqual({ wrong: [], count: 17 });
    const [plain, others] = compared('plain-layer.', (_, x) => mx.fast.layerNorm(x, null, null, 1e-5));
    expect({ plain, others }).toEqual({ plain: [], others: 15 });
  });

  it('rotates positions in the bits of MLX', () => {
    const [wrong, count] = compared('rope-', (name, x) => {
      const [kind = '', , , how = ''] = name.split('.');
      const [, style, dims] = kind.split('-');
      const rotated = (y: mx.Array, offset: number | mx.Array, base: number | null, scale: number, freqs?: mx.Array) =>
        mx.fast.rope(y, Number(dims), { traditional: style === 't', base, scale, offset, ...(freqs && { freqs }) });
      if (how === 'one') return rotated(x, 3, 10000, 1);
      if (how === 'far') return rotated(x, 30000000, 100, 0.25);
      if (how === 'each') return rotated(x, given(name, 'offsets'), 10000, 1);
      if (how === 'freqs') return rotated(x, 11, null, 0.5, given(name, 'freqs'));
      const layout = LAYOUTS[name.split('.')[2] as string] as Layout;
      return rotated(layout(given(name, 'x').index(new mx.Slice(), 0)), 5, 10000, 1);
    });
    expect({ wrong, count }).toEqual({ wrong: [], count: 300 });
  });

  it('is one operation of the graph, but where a transform follows it', () => {
    const x = mx.random.normal([2, 3, 4, 8]);
    mx.eval(x);
    expect(primitivesOf(mx.fast.rmsNorm(x, null, 1e-5))).toEqual(['RMSNorm']);
    const gradient = mx.grad((y: mx.Array) => mx.fast.rmsNorm(y, null, 1e-5).square().sum());
    const apart = mx.grad((y: mx.Array) => {
      const mean = y.square().mean(-1, { keepdims: true });
      return y
        .multiply(mx.rsqrt(mean.add(1e-5)))
        .square()
        .sum();
    });
    expect(mx.allclose(gradient(x), apart(x), { rtol: 1e-4, atol: 1e-5 }).item()).toBe(true);
    const each = mx.vmap((y: mx.Array) => mx.fast.rope(y, 8, { traditional: false, base: 100, scale: 1, offset: 2 }));
    const whole = mx.fast.rope(x, 8, { traditional: false, base: 100, scale: 1, offset: 2 });
    expect(bytes(each(x))).toEqual(bytes(whole));
    const compiled = mx.compile((y: mx.Array) => mx.fast.layerNorm(y, null, null, 1e-5));
    expect(mx.allclose(compiled(x), mx.fast.layerNorm(x, null, null, 1e-5), { rtol: 1e-6 }).item()).toBe(true);
  });
});

describe('a view of what has been evaluated', () => {
  it('is evaluated with it', () => {
    const x = mx.arange(24).reshape([2, 3, 4]);
    expect(primitivesOf(x.T)).toContain('Transpose');
    mx.eval(x);
    for (const view of [x.T, x.transpose([1, 0, 2]), mx.expandDims(x, 1), mx.swapaxes(x, 0, 2), mx.squeeze(x)]) {
      expect(primitivesOf(view)).toEqual([]);
    }
    const view = x.T;
    x.dispose();
    expect(view.index(3, 2, 1).item()).toBe(23);
  });

  it('leaves what makes its argument to an evaluation, also where it changes nothing', () => {
    const x = mx.ones([2, 3]);
    mx.eval(x);
    const made = mx.exp(x);
    const same = [mx.broadcastTo(made, [2, 3]), mx.squeeze(made), made.transpose([0, 1]), mx.expandDims(made, [])];
    for (const view of same) expect(primitivesOf(view)).toContain('Exp');
  });

  it('waits for an evaluation that is under way', async () => {
    const x = mx.ones([512, 512]).multiply(2);
    const under = mx.asyncEval(x.matmul(x).matmul(x));
    const large = x.matmul(x);
    const done = mx.asyncEval(large);
    expect(mx.transpose(large).index(511, 0).item()).toBe(2048);
    await Promise.all([under, done]);
    expect(mx.transpose(large).index(511, 0).item()).toBe(2048);
  });

  it('passes gradients on where a transform follows it', () => {
    const x = mx.array([[1, 2, 3]]);
    mx.eval(x);
    const slope = mx.grad((y: mx.Array) => y.T.matmul(y).sum())(x);
    expect(slope.tolist()).toEqual([[12, 12, 12]]);
    const [, other] = mx.vjp((y: mx.Array) => mx.broadcastTo(y, [2, 3]), [x], [mx.ones([2, 3])]);
    expect((other as mx.Array[])[0]?.tolist()).toEqual([[2, 2, 2]]);
  });

  it('is empty where it is', () => {
    const empty = mx.zeros([0, 3]);
    mx.eval(empty);
    expect(empty.T.shape).toEqual([3, 0]);
    expect(mx.sum(empty.T, { axis: 1 }).tolist()).toEqual([0, 0, 0]);
    expect(mx.broadcastTo(mx.zeros([1]), [0, 1]).tolist()).toEqual([]);
  });
});

const epsilon = (name: string) => (name.endsWith('odd') ? 0 : name.endsWith('large') ? 1e-6 : 1e-5);
