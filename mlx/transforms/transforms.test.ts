import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure, internals, core as mx } from '../index.ts';

type Tensor = ReturnType<typeof mx.array>;

describe.each(['native', 'python'] as const)('on %s', (side) => {
  beforeAll(() => configure({ preferNative: side === 'native' }));
  afterAll(() => configure({ preferNative: true }));
  const x = mx.withImplementation(side, () => mx.array([1, 2, 3]));
  const other = side === 'native' ? 'python' : 'native';
  const live = () =>
    side === 'native' ? internals.nativeBackend.addon.usage()[0] : internals.pythonBackend.stats().liveTensors;

  describe('grad and valueAndGrad', () => {
    it('differentiates by the first argument, and gives the value', () => {
      const [value, gradient] = mx.valueAndGrad((a: Tensor) => mx.sum(mx.square(a)))(x);
      expect([value.item(), gradient.tolist()]).toEqual([14, [2, 4, 6]]);
      expect(
        mx
          .grad((a: Tensor) => mx.sum(mx.power(a, 3)))(x)
          .tolist(),
      ).toEqual([3, 12, 27]);
    });

    it('takes trees of arguments and gives gradients like them', () => {
      const loss = (p: { w: Tensor; b: [Tensor, Tensor] }, y: Tensor) =>
        mx.sum(p.w.multiply(y).add(p.b[0]).add(p.b[1]));
      const g = mx.grad<{ w: Tensor; b: [Tensor, Tensor] }>(loss)({ w: x, b: [x, mx.array(2)] }, mx.array([4, 5, 6]));
      expect(g.w.tolist()).toEqual([4, 5, 6]);
      expect(g.b[0].tolist()).toEqual([1, 1, 1]);
      expect(g.b[1].item()).toBe(3);
    });

    it('takes argnums, in order, and argnames', () => {
      const f = (a: Tensor, b: Tensor, { c }: { c: Tensor }) => mx.sum(a.multiply(b).multiply(c));
      const args = [mx.array([1]), mx.array([2]), { c: mx.array([3]) }] as const;
      const several = mx.grad<Tensor[]>(f, [1, 0])(...args);
      expect(several.map((g) => g.item())).toEqual([6, 3]);
      expect(
        mx
          .grad(
            f,
            [1],
          )(...args)
          .item(),
      ).toBe(3);
      expect(
        mx
          .valueAndGrad(
            f,
            [0],
          )(...args)[1]
          .item(),
      ).toBe(6);
      const named = mx.grad<[null, { c: Tensor }]>(f, { argnames: 'c' })(...args);
      expect(named[0]).toBeNull();
      expect(named[1].c.item()).toBe(2);
      for (const argnums of [0, [0]]) {
        const both = mx.grad<[Tensor, { c: Tensor }]>(f, argnums, ['c'])(...args);
        expect([both[0].item(), both[1].c.item()]).toEqual([6, 2]);
      }
    });

    it('passes on what comes after the loss, wherever the loss appears again', () => {
      const f = (a: Tensor) => {
        const loss = mx.sum(a);
        return [loss, { doubled: a.multiply(2), loss, note: 'kept' }];
      };
      const [value, g] = mx.valueAndGrad<[Tensor, { doubled: Tensor; loss: Tensor; note: string }]>(f)(x);
      expect(value[0].item()).toBe(6);
      expect(value[1].doubled.tolist()).toEqual([2, 4, 6]);
      expect([value[1].loss.item(), value[1].note]).toEqual([6, 'kept']);
      expect(g.tolist()).toEqual([1, 1, 1]);
    });

    it('nests: grad of grad, of vmap, of compile', () => {
      const cube = (a: Tensor) => mx.power(a, 3);
      const second = mx.grad((a: Tensor) => mx.grad(cube)(a));
      expect(second(mx.array(2)).item()).toBe(12);
      const perRow = mx.vmap(mx.grad((a: Tensor) => mx.sum(mx.square(a))));
      expect(
        perRow(
          mx.array([
            [1, 2],
            [3, 4],
          ]),
        ).tolist(),
      ).toEqual([
        [2, 4],
        [6, 8],
      ]);
      const through = mx.grad((a: Tensor) => mx.sum(mx.vmap(mx.compile((row: Tensor) => mx.exp(row)))(a)));
      expect(through(mx.zeros([2, 2])).tolist()).toEqual([
        [1, 1],
        [1, 1],
      ]);
    });

    it('captures tensors, and lets the function read values and dispose its inputs', () => {
      const captured = mx.array([2, 2, 2]);
      const f = (a: Tensor) => {
        const loss = mx.sum(a.multiply(captured));
        expect(loss.item()).toBe(12);
        a.dispose();
        return loss;
      };
      expect(mx.grad(f)(x).tolist()).toEqual([2, 2, 2]);
      expect(x.tolist()).toEqual([1, 2, 3]);
    });

    it.each([
      [
        'a function that throws',
        () =>
          mx.grad((_: Tensor) => {
            throw new RangeError('mine');
          })(x),
        'mine',
      ],
      [
        'a result that is no array',
        () => mx.grad((_: Tensor) => 3)(x),
        'expected the function to give a scalar array, received the number 3',
      ],
      [
        'a result that is no scalar',
        () => mx.grad((a: Tensor) => a)(x),
        'mx.grad: expected the function to give a scalar array, received one of the shape [3]',
      ],
      ['a promise', () => mx.grad(async (a: Tensor) => mx.sum(a))(x), 'expected a synchronous function'],
      [
        'a number to differentiate by',
        () => mx.grad((a: Tensor) => mx.sum(mx.multiply(a, 1)))(3 as never),
        'expected nothing but arrays in argument 0',
      ],
      ['an argument that is not there', () => mx.grad((a: Tensor) => mx.sum(a), 2)(x), 'without argument 2'],
      ['a negative position', () => mx.grad((a: Tensor) => a, -1), 'negative argument index -1'],
      ['a position twice', () => mx.grad((a: Tensor) => a, [0, 0]), 'each argument once'],
      ['no function', () => mx.grad(3 as never), 'mx.grad: expected a function, received the number 3'],
    ])('refuses %s', (_, run, message) => {
      expect(run).toThrow(message);
      expect(
        mx
          .grad((a: Tensor) => mx.sum(a))(x)
          .tolist(),
      ).toEqual([1, 1, 1]);
    });

    it('throws the very error of the function, with its stack', () => {
      const mine = new RangeError('mine');
      const thrown = (() => {
        try {
          mx.grad((_: Tensor) => {
            throw mine;
          })(x);
        } catch (error) {
          return error;
        }
        return undefined;
      })();
      expect(thrown).toBe(mine);
    });

    it('keeps the body on one backend', () => {
      expect(() => mx.grad((a: Tensor) => mx.sum(a, { implementation: other }))(x)).toThrow(
        `mx.sum: ${other} is asked for inside a transform that runs on ${side}; a tracer cannot cross`,
      );
    });

    it('has flat memory over many steps', () => {
      const step = mx.valueAndGrad((a: Tensor) => mx.sum(mx.square(a)));
      const rounds = side === 'native' ? 5000 : 300;
      for (let i = 0; i < rounds / 10; i++) mx.tidy(() => mx.eval(step(x)));
      const before = live();
      for (let i = 0; i < rounds; i++) mx.tidy(() => mx.eval(step(x)));
      expect(live()).toBeLessThan(before + 100);
    });
  });

  describe('vjp and jvp', () => {
    const f = (a: Tensor, b: Tensor) => [a.multiply(b), a.add(b)];

    it('multiply with the Jacobian from the left and from the right', () => {
      const [a, b] = [mx.array([1, 2]), mx.array([3, 4])];
      const [outputs, cotangents] = mx.vjp(f, [a, b], [mx.array([1, 1]), mx.array([1, 0])]);
      expect(outputs.map((o) => o.tolist())).toEqual([
        [3, 8],
        [4, 6],
      ]);
      expect(cotangents.map((o) => o.tolist())).toEqual([
        [4, 4],
        [2, 2],
      ]);
      const [, tangents] = mx.jvp(f, [a, b], [mx.array([1, 0]), mx.array([0, 1])]);
      expect(tangents.map((o) => o.tolist())).toEqual([
        [3, 2],
        [1, 1],
      ]);
    });

    it('refuses lists of the wrong things', () => {
      expect(() => mx.vjp(f, x as never, [])).toThrow('expected a list of arrays for "primals"');
      expect(() => mx.jvp((() => 'no') as never, [x], [x])).toThrow('expected the function to give arrays');
    });
  });

  describe('vmap', () => {
    const m = mx.array([
      [1, 2, 3],
      [4, 5, 6],
    ]);

    it('maps over an axis, from either end, and puts it where it is asked to', () => {
      expect(
        mx
          .vmap((row: Tensor) => mx.sum(row))(m)
          .tolist(),
      ).toEqual([6, 15]);
      expect(
        mx
          .vmap(
            (column: Tensor) => mx.sum(column),
            -1,
          )(m)
          .tolist(),
      ).toEqual([5, 7, 9]);
      expect(mx.vmap((row: Tensor) => row.multiply(2), 0, -1)(m).shape).toEqual([3, 2]);
    });

    it('passes whole what has no axis, in trees too', () => {
      const f = (row: Tensor, d: { scale: Tensor; shift: Tensor }) => ({ out: row.multiply(d.scale).add(d.shift) });
      const result = mx.vmap(f, [0, { scale: null, shift: 0 }])(m, { scale: mx.array(10), shift: mx.array([1, 2]) });
      expect(result.out.tolist()).toEqual([
        [11, 21, 31],
        [42, 52, 62],
      ]);
    });

    it.each([
      ['no axis at all', () => mx.vmap((a: Tensor) => a, null)(m), 'at least one argument with an axis'],
      ['an axis that is not there', () => mx.vmap((a: Tensor) => a, 2)(m), 'Invalid vectorization axis 2'],
      [
        'sizes that differ',
        () => mx.vmap((a: Tensor, b: Tensor) => mx.sum(a).add(mx.sum(b)))(m, x),
        'Inconsistent axis sizes',
      ],
      ['a tree that does not fit', () => mx.vmap((a: Tensor, b: Tensor) => a.add(b), [0])(m, m), 'for "inAxes"'],
      ['reading a tracer', () => mx.vmap((a: Tensor) => a.add(mx.sum(a).item() as number))(m), 'Attempting to eval'],
    ])('refuses %s', (_, run, message) => {
      expect(run).toThrow(message);
    });
  });

  describe('compile', () => {
    it('traces once for each kind of arguments: shape, dtype, constants, structure', () => {
      let traces = 0;
      const f = mx.compile((a: Tensor, k: number) => {
        traces++;
        return { sum: a.add(k), k };
      });
      for (let i = 0; i < 3; i++) expect(f(x, 1).sum.tolist()).toEqual([2, 3, 4]);
      expect(traces).toBe(1);
      expect(f(x, 2).sum.tolist()).toEqual([3, 4, 5]);
      expect(f(x, 2).k).toBe(2);
      expect(f(mx.array([1]), 2).sum.tolist()).toEqual([3]);
      f(mx.array([1], mx.int32), 2);
      expect(traces).toBe(4);
      f(mx.array([5]), 2);
      expect(traces).toBe(4);
    });

    it('takes one trace for all shapes when it is shapeless', () => {
      let traces = 0;
      const f = mx.compile(
        (a: Tensor) => {
          traces++;
          return mx.exp(a).add(1);
        },
        { shapeless: true },
      );
      expect(f(mx.zeros([2])).tolist()).toEqual([2, 2]);
      expect(f(mx.zeros([3])).tolist()).toEqual([2, 2, 2]);
      expect(traces).toBe(1);
    });

    it('reads captured inputs anew, and replaces captured outputs', () => {
      const state = { w: mx.array([1]), steps: [mx.array(0)] };
      const step = mx.compile(
        (a: Tensor) => {
          state.w = state.w.multiply(a);
          state.steps[0] = (state.steps[0] as Tensor).add(1);
          return mx.sum(state.w);
        },
        { inputs: state, outputs: state },
      );
      expect(step(mx.array([2])).item()).toBe(2);
      expect(step(mx.array([3])).item()).toBe(6);
      state.w = mx.array([10]);
      expect(step(mx.array([3])).item()).toBe(30);
      expect((state.steps[0] as Tensor).item()).toBe(3);
    });

    it('draws new numbers on each call with random.state as input and output', () => {
      mx.random.seed(3);
      const expected = [mx.random.uniform({ shape: [2] }).tolist(), mx.random.uniform({ shape: [2] }).tolist()];
      mx.random.seed(3);
      const draw = mx.compile(() => mx.random.uniform({ shape: [2] }), {
        inputs: mx.random.state,
        outputs: mx.random.state,
      });
      // Fused kernels round once where separate operations round twice.
      for (const numbers of expected) {
        const drawn = draw().tolist() as number[];
        for (const [i, number] of (numbers as number[]).entries()) expect(drawn[i]).toBeCloseTo(number, 5);
      }
    });

    it('throws what the function throws, and traces again afterwards', () => {
      let fail = true;
      const f = mx.compile((a: Tensor) => {
        if (fail) throw new Error('mine');
        return a.add(1);
      });
      expect(() => f(x)).toThrow('mine');
      fail = false;
      expect(f(x).tolist()).toEqual([2, 3, 4]);
    });

    it('refuses to evaluate inside', () => {
      expect(() => mx.compile((a: Tensor) => a.add(mx.sum(a).item() as number))(x)).toThrow('Attempting to eval');
    });

    it('equals the eager function, with compiling off too', () => {
      const f = (a: Tensor) => mx.tanh(mx.exp(a).add(a)).multiply(a);
      const eager = f(x).tolist();
      expect(mx.compile(f)(x).tolist()).toEqual(eager);
      mx.disableCompile();
      expect(mx.compile(f)(x).tolist()).toEqual(eager);
      mx.enableCompile();
    });
  });

  describe('customFunction and checkpoint', () => {
    it('takes rules for vjp, jvp and vmap', () => {
      const f = mx.customFunction((a: Tensor, b: Tensor) => a.multiply(b));
      f.vjp(([a, b], cotangent) => [b.multiply(cotangent).multiply(100), a.multiply(cotangent)]);
      f.jvp(([, b], [tangent, none]) => {
        expect(none).toBeNull();
        return b.multiply(tangent as Tensor).multiply(7);
      });
      f.vmap(([a, b], axes) => {
        expect(axes).toEqual([0, null]);
        return [a.multiply(b).add(1000), 0];
      });
      expect(f(mx.array(2), mx.array(3)).item()).toBe(6);
      expect(
        mx
          .grad((a: Tensor) => f(a, mx.array(3)))(mx.array(2))
          .item(),
      ).toBe(300);
      const [, tangents] = mx.jvp((a: Tensor) => f(a, mx.array(3)), [mx.array(2)], [mx.array(1)]);
      expect(tangents[0]?.item()).toBe(21);
      expect(
        mx
          .vmap(f, [0, null])(mx.array([1, 2]), mx.array(3))
          .tolist(),
      ).toEqual([1003, 1006]);
    });

    it('passes the one argument and the one result as they are', () => {
      const f = mx
        .customFunction((a: Tensor) => mx.square(a))
        .vjp((a: Tensor, cotangent: Tensor, output: Tensor) => a.multiply(cotangent).add(output));
      expect(
        mx
          .grad((a: Tensor) => mx.sum(f(a)))(x)
          .tolist(),
      ).toEqual([2, 6, 12]);
    });

    it('says which rule gave the wrong thing', () => {
      const f = mx.customFunction((a: Tensor) => a).vjp((() => 'no') as never);
      expect(() => mx.grad((a: Tensor) => mx.sum(f(a)))(x)).toThrow('expected the vjp rule to give 1 array');
    });

    it('computes a checkpointed function again for its gradient', () => {
      const f = mx.checkpoint((a: Tensor) => mx.exp(a));
      expect(f(mx.zeros([2])).tolist()).toEqual([1, 1]);
      expect(
        mx
          .grad((a: Tensor) => mx.sum(f(a)))(mx.zeros([2]))
          .tolist(),
      ).toEqual([1, 1]);
    });
  });
});
