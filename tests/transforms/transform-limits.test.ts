import { describe, expect, it } from 'vitest';
import { registry } from '../../mlx/index.ts';
import { MLX_LIMITS } from '../../parity-tests/transforms/limits.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { askPython } from '../support/python.ts';

/** What the expressions of the limits use. */
const HELPERS = `
nan, inf = math.nan, math.inf

def same(a, b):
    return a.shape == b.shape and bool(mx.allclose(a, b, rtol=1e-3, atol=1e-3, equal_nan=True))

def vjp(f, *xs):
    return mx.vjp(f, list(xs), [mx.ones_like(f(*xs))])[1]

def mapped(f, x):
    return same(mx.vmap(f)(mx.stack([x, x])), mx.stack([f(x), f(x)]))

def mapped_write(how):
    def written(x):
        if how != 'put':
            return getattr(x.at[1:], how)(4.0)
        y = mx.array(x)
        y[1:] = 4.0
        return y
    return mapped(written, mx.array([1.0, 2.0, 8.0]))

def mapped_order(name):
    reduce = (lambda x: mx.logsumexp(x, axis=-1)) if name == 'logsumexp' else getattr(mx, name)
    if name == 'sum':
        most = 1.7976931348623157e308
        x = mx.array([0, 0, 0, inf, -most, 0, -most, 0], mx.float64).reshape(1, 4, 2).transpose(0, 2, 1)
    elif name == 'logsumexp':
        x = mx.broadcast_to(mx.array([0, 0, complex(inf, nan)], mx.complex64).reshape(3, 1), (3, 4))
    else:
        x = mx.broadcast_to(mx.array([complex(0, nan)], mx.complex64), (4,))
    with mx.stream(mx.cpu):
        one, all = reduce(x), mx.vmap(reduce)(mx.stack([x, x]))
        return all.tolist()[0].__repr__() == one.tolist().__repr__() == all.tolist()[1].__repr__()

def mapped_triangle(name):
    matrix = mx.array([[5.0, 0.5], [0.25, 5.0]])
    call = getattr(mx.linalg, name)
    with mx.stream(mx.cpu):
        if name == 'solve_triangular':
            return mapped(lambda a: call(a, mx.eye(2), upper=True), matrix)
        return mapped(lambda a: call(a, upper=True), matrix)

def padding_out_of_bounds():
    x, w = mx.ones((1, 3, 4, 1)), mx.ones((1, 1, 3, 1))
    by_kernel = lambda x: vjp(lambda w: mx.conv2d(x, w, padding=(0, 1)), w)[0]
    return vjp(by_kernel, x)[0].shape == x.shape

def longer_input(name):
    axes = int(name[-2])
    x, w = mx.ones((1, *[3] * axes, 1)), mx.ones((1, *[3] * axes, 1))
    return vjp(lambda x: getattr(mx, name)(x, w, padding=1, output_padding=1), x)[0].shape == x.shape

def cut_twice():
    x, w = mx.ones((1, 3, 1)), mx.ones((1, 1, 1))
    return vjp(lambda x: mx.conv_general(x, w, padding=1, input_dilation=2), x)[0].shape == x.shape

def transposed_hadamard():
    w = mx.cos(mx.arange(20.0))
    slope = mx.vjp(mx.hadamard_transform, [mx.ones(20)], [w])[1][0]
    return same(slope, (mx.hadamard_transform(mx.eye(20)) * w).sum(axis=1))
`;

const cases = registry.all().flatMap((operation) =>
  (operation.limits ?? []).map((limit) => {
    const { kinds, reason, python } = MLX_LIMITS[limit];
    const name = qualifiedName(operation);
    return { name, kinds, reason, python: python(name) };
  }),
);

describe('MLX still gets wrong', () => {
  const verdicts = askPython<(boolean | string)[]>(
    `${HELPERS}
def verdict(expression):
    try:
        return bool(eval(expression))
    except Exception as error:
        return repr(error)

print(json.dumps([verdict(expression) for expression in data]))`,
    cases.map(({ python }) => python),
  );

  it.each(cases.map((one, i) => ({ ...one, verdict: verdicts[i] })))('$name: $reason', ({ verdict, python }) => {
    expect({ python, verdict }).toEqual({ python, verdict: false });
  });
});
