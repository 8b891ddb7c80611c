import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { complex64, type Dtype, float16, float32, int32, uint8 } from '../../foundation/values/dtypes.ts';
import { Complex, Scalar, Slice } from '../../foundation/values/values.ts';
import type { Operation } from '../operation.ts';
import * as parameters from '../parameters.ts';
import { Registry } from '../registry.ts';
import type { TensorHost } from './host.ts';
import { ArgumentParser } from './parse.ts';

interface Fake {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly integers?: readonly number[];
}

const fakes = new WeakSet<object>();
const cpu = { device: 'cpu', index: null } as const;

function fake(dtype: Dtype = float32, shape: readonly number[] = [2, 3], integers?: readonly number[]): Fake {
  const tensor = { dtype, shape, ...(integers === undefined ? {} : { integers }) };
  // Tensors are no plain objects, or they would be taken for the trailing one.
  Object.setPrototypeOf(tensor, { constructor: class FakeTensor {} });
  fakes.add(tensor);
  return tensor;
}

const host: TensorHost<Fake> = {
  isTensor: (value): value is Fake => typeof value === 'object' && value !== null && fakes.has(value),
  dtype: (tensor) => tensor.dtype,
  shape: (tensor) => tensor.shape,
  create: (_, shape, dtype) => fake(dtype, shape),
  elements: (tensor) => tensor.integers,
  isTracing: false,
  checksBounds: false,
  places: (mask) => mask.shape.map(() => fake(int32, [1])),
  fromIntegers: (values, shape) => fake(int32, shape, values),
  nextKey: () => fake(int32, [2], [-1, -1]),
  isStream: (value): value is typeof cpu => value === cpu,
};

const registry = new Registry();
const a = fake();
const b = fake(float16);

function parse(operation: string | Operation, ...args: unknown[]) {
  const found = typeof operation === 'string' ? registry.get(operation) : operation;
  return new ArgumentParser(found, host).parse(args);
}

const values = (operation: string, ...args: unknown[]) => parse(operation, ...args).values;

function refusal(operation: string | Operation, ...args: unknown[]): string {
  try {
    parse(operation, ...args);
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as ArgumentError).message;
  }
  throw new Error('nothing was refused');
}

const operation = (list: readonly parameters.Parameter[], more: Partial<Operation> = {}): Operation => ({
  ...registry.get('sum'),
  name: 'made_up',
  parameters: list,
  ...more,
});

describe('arguments', () => {
  it('are the same by position and in the trailing object', () => {
    const byPosition = values('sum', a, 1, true);
    expect(byPosition).toEqual([a, 1, true]);
    expect(values('sum', a, { axis: 1, keepdims: true })).toEqual(byPosition);
    expect(values('sum', { a, axis: 1, keepdims: true })).toEqual(byPosition);
    expect(values('sum', a, undefined, { axis: 1, keepdims: true })).toEqual(byPosition);
  });

  it('come by position from a trailing object of the next ones in order, without a look at their kinds', () => {
    const parser = new ArgumentParser(new Registry().get('sum'), host);
    expect(parser.byPosition([a, { axis: 1, keepdims: true }])).toEqual([a, 1, true]);
    expect(parser.byPosition([a, { keepdims: true, axis: 1 }])).toEqual([a, 1, true]);
    expect(parser.byPosition([{ a }])).toEqual([a]);
    for (const keywords of [{ keepdims: true }, { axis: 1, stream: cpu }, { a, axis: 1 }, { axis: undefined }]) {
      expect(parser.byPosition([a, keywords])).toBeNull();
    }
    expect(parser.byPosition([a, 1, true])).toBeNull();
    const throwing = {
      get axis(): number {
        throw new Error('no axis');
      },
    };
    expect(parser.byPosition([a, throwing])).toBeNull();
  });

  it('take their defaults where they are left out', () => {
    expect(values('sum', a)).toEqual([a, null, false]);
    expect(values('sum', a, {})).toEqual([a, null, false]);
    expect(values('sum', a, null)).toEqual([a, null, false]);
  });

  it('take a trailing object without a prototype', () => {
    expect(values('sum', a, Object.assign(Object.create(null), { axis: 0 }))).toEqual([a, 0, false]);
  });

  it('refuse an unknown key and suggest the nearest', () => {
    expect(refusal('sum', a, { axes: 1 })).toBe(
      'mx.sum: no argument is named "axes" (did you mean "axis"?); known are a, axis, keepdims, stream, implementation',
    );
    expect(refusal('sum', a, { keepDims: true })).toContain('did you mean "keepdims"?');
    expect(refusal('sum', a, { xyzzyplugh: 1 })).not.toContain('did you mean');
  });

  it('refuse what is given twice, missing, null or too much', () => {
    expect(refusal('sum', a, 0, { axis: 0 })).toBe('mx.sum: "axis" was given twice, by position and by name');
    expect(refusal('sum')).toBe('mx.sum: expected an argument for "a", received nothing');
    expect(refusal('sum', null)).toBe('mx.sum: expected an array (mx.array) for "a", received null');
    expect(refusal('sum', a, 0, false, 1)).toBe('mx.sum: expected at most 3 arguments, received 4');
    expect(refusal('abs', a, a)).toBe('mx.abs: expected at most 1 argument, received 2');
    expect(refusal('sum', a, 0, null)).toBe('mx.sum: expected a boolean for "keepdims", received null');
  });

  it('take stream and implementation in the trailing object of any operation', () => {
    expect(parse('abs', a, { stream: cpu, implementation: 'python' })).toEqual({
      values: [a],
      stream: cpu,
      implementation: 'python',
    });
    expect(refusal('abs', a, { stream: 'cpu' })).toContain('expected a stream or a device');
    expect(refusal('abs', a, { implementation: 'nativ' })).toContain('expected "native" or "python"');
  });

  it('distinguish a complex number at the end from the trailing object', () => {
    expect(values('add', a, { re: 1, im: 2 })[1]).toEqual(new Scalar(new Complex(1, 2), complex64));
    expect(values('add', a, { b: 3 })[1]).toEqual(new Scalar(3, float32));
    expect(refusal('add', a, { re: 1 })).toContain('no argument is named "re"');
  });

  it('give keyword-only arguments no place', () => {
    const made = operation([parameters.array('a'), parameters.bool('exact', false, { keywordOnly: true })]);
    expect(parse(made, a, { exact: true }).values).toEqual([a, true]);
    expect(refusal(made, a, true)).toContain('expected at most 1 argument, received 2');
  });

  it('take any number of variadic ones', () => {
    const made = operation([parameters.array('arrays', undefined, { variadic: true })]);
    expect(parse(made).values).toEqual([[]]);
    expect(parse(made, a, b, { stream: cpu })).toMatchObject({ values: [[a, b]], stream: cpu });
    expect(refusal(made, a, 3)).toContain('expected an array (mx.array) for "arrays", received the number 3');
  });

  it('collect free keywords of a user operation', () => {
    const made = operation([parameters.any('args', undefined, { variadic: true })], {
      anyKeyword: true,
      family: 'user',
    });
    expect(parse(made, a, [1, { x: b }], { order: 2, implementation: 'python' })).toEqual({
      values: [[a, [1, { x: b }]], { order: 2 }],
      stream: undefined,
      implementation: 'python',
    });
  });
});

describe('kinds of argument', () => {
  const NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, 1e20, 2 ** 31, -(2 ** 31) - 1, 0.5];

  it.each(NUMBERS)('axis, axes, shape and int refuse %d', (wrong) => {
    expect(refusal('sum', a, wrong)).toContain('for "axis"');
    expect(refusal('sum', a, [0, wrong])).toContain('for "axis"');
    expect(refusal('zeros', [wrong])).toContain('for "shape"');
    expect(refusal('zeros', wrong)).toContain('for "shape"');
    expect(refusal('topk', a, wrong)).toContain('for "k"');
  });

  it('take the limits of 32 bits, for MLX to judge', () => {
    expect(values('sum', a, 2 ** 31 - 1)[1]).toBe(2 ** 31 - 1);
    expect(values('sum', a, -(2 ** 31))[1]).toBe(-(2 ** 31));
  });

  it('a shape is a list or one number; its elements must be countable', () => {
    expect(values('zeros', 3)[0]).toEqual([3]);
    expect(values('zeros', [1e9])[0]).toEqual([1e9]);
    expect(refusal('zeros', [2 ** 31 - 1, 2 ** 31 - 1])).toContain('at most 2^44 elements');
    expect(refusal('zeros', '3')).toContain('the string "3"');
  });

  it('a string must be one of the choices', () => {
    expect(refusal('pad', a, 1, 'mirror')).toMatch(/one of "constant".*received the string "mirror"/);
  });

  it('a dtype is the object, not its name', () => {
    expect(values('astype', a, uint8)[1]).toBe(uint8);
    expect(refusal('astype', a, 'uint8')).toContain('expected a dtype such as mx.float32');
  });

  it('an operand that is a number takes the dtype of the first array', () => {
    expect(values('add', b, 2)[1]).toEqual(new Scalar(2, float16));
    expect(values('add', 2, b)[0]).toEqual(new Scalar(2, float16));
    expect(values('add', 1, 2)).toEqual([new Scalar(1, float32), new Scalar(2, float32)]);
    expect(refusal('add', fake(uint8), 300)).toBe('mx.add: Converting 300 to uint8 would result in overflow');
  });

  it('indices are integers, alone or in regular lists, or an integer array', () => {
    expect(
      values('take', a, [
        [0, 1],
        [2, 3],
      ])[1],
    ).toMatchObject({ shape: [2, 2], integers: [0, 1, 2, 3] });
    expect(values('take', a, -1)[1]).toMatchObject({ shape: [], integers: [-1] });
    expect(values('take', a, [])[1]).toMatchObject({ shape: [0], integers: [] });
    const given = fake(uint8, [2]);
    expect(values('take', a, given)[1]).toBe(given);
  });

  it('a float array as indices is an error that names the conversion', () => {
    expect(refusal('take', a, fake(float32, [2]))).toContain('make one with .astype(mx.int32)');
    expect(refusal('index', a, [fake(float32, [2])])).toContain('make one with .astype(mx.int32)');
  });

  it('indices refuse ragged lists, fractions and numbers outside the axis', () => {
    expect(refusal('take', a, [[0], [1, 2]])).toContain('not a ragged one');
    expect(refusal('take', a, [0.5])).toContain('received the number 0.5');
    expect(refusal('take', a, [6])).toContain('expected indices from -6 to 5');
    expect(refusal('take', a, [0, -4], 1)).toContain('expected indices from -3 to 2');
    expect(refusal('take_along_axis', a, [[2]], 0)).toContain('expected indices from -2 to 1');
  });

  it('holes in a list are nothing, not skipped', () => {
    // biome-ignore lint/suspicious/noSparseArray: what is tested
    expect(refusal('sum', a, [0, , 1])).toContain('received nothing');
    // biome-ignore lint/suspicious/noSparseArray: what is tested
    expect(refusal('take', a, [0, , 1])).toContain('received nothing');
    expect(refusal('concatenate', new Array(2))).toContain('received nothing');
  });
});

describe('an index', () => {
  const parts = (...given: unknown[]) => values('index', a, given)[1];

  it("is read from NumPy's text", () => {
    expect(values('index', fake(float32, [5, 6, 7]), ['1:3, ..., ::-1'])[1]).toEqual([
      new Slice(1, 3, 1),
      '...',
      new Slice(6, null, -1),
    ]);
    expect(parts('None, 1')).toEqual([null, 1]);
    expect(parts(' -1 , : ')).toEqual([-1, new Slice(0, 3, 1)]);
    expect(parts('newaxis', '...')).toEqual([null, '...']);
  });

  it.each(['1:2:3:4', 'a', '1.5', '', '1,,2', '0x1', '1e3', '[0]'])('refuses the text %j', (text) => {
    expect(refusal('index', a, [text])).toContain("expected an index such as '1:3, ..., ::-1'");
  });

  it('cuts slices to the axis as Python does, for every start, stop and step', () => {
    const row = fake(float32, [5]);
    const elements = [0, 1, 2, 3, 4];
    const bounds = [null, -7, -5, -3, -1, 0, 2, 4, 5, 9];
    for (const start of bounds) {
      for (const stop of bounds) {
        for (const step of [null, -9, -2, -1, 1, 2, 9]) {
          const [cut] = values('index', row, [new Slice(start, stop, step)])[1] as [Slice];
          expect(pick(elements, cut), `${start}:${stop}:${step}`).toEqual(sliced(elements, start, stop, step));
        }
      }
    }
  });

  it('must lie within the shape', () => {
    expect(refusal('index', a, [2])).toContain('expected an index from -2 to 1 on axis 0, which has 2 elements');
    expect(refusal('index', a, [0, -4])).toContain('on axis 1');
    expect(refusal('index', a, ['...', 3])).toContain('on axis 1');
    expect(refusal('index', a, [0, 0, 0])).toContain('an index of at most 2 parts for an array of shape [2,3]');
    expect(refusal('index', a, ['...', '...'])).toContain("one '...' at most");
    expect(refusal('index', a, ['::0'])).toContain('a slice whose step is not 0');
  });

  it.each([[1.5], [Number.NaN], [true], ['x'], [{}], [Symbol('s')], [undefined]])('refuses the part %s', (part) => {
    expect(refusal('index', a, [part])).toMatch(/^mx\.index: expected .* for "index", received /);
  });
});

/** What Python's list[start:stop:step] gives, by walking. */
function sliced(list: number[], start: number | null, stop: number | null, step: number | null): number[] {
  const by = step ?? 1;
  const wrap = (bound: number) => (bound < 0 ? bound + list.length : bound);
  const clamp = (bound: number) =>
    Math.max(by > 0 ? 0 : -1, Math.min(wrap(bound), by > 0 ? list.length : list.length - 1));
  const first = start === null ? (by > 0 ? 0 : list.length - 1) : clamp(start);
  const last = stop === null ? (by > 0 ? list.length : -1) : clamp(stop);
  const picked: number[] = [];
  for (let i = first; by > 0 ? i < last : i > last; i += by) picked.push(list[i] as number);
  return picked;
}

/** What a backend makes of a slice that was cut: null as the stop of a backward one is "to the very first". */
function pick(list: number[], { start, stop, step }: Slice): number[] {
  return sliced(list, start, stop, step);
}

describe('whatever a caller passes', () => {
  const throwing = (name: string) => () => {
    throw new Error(name);
  };
  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  const withGetter = Object.defineProperty([1, 2], 0, { get: throwing('getter') });
  const hostile: [string, unknown][] = [
    ['a getter that throws', Object.defineProperty({ im: 1 }, 're', { get: throwing('getter'), enumerable: true })],
    ['a list with a getter', withGetter],
    ['a proxy that traps', new Proxy({}, { get: throwing('get'), getPrototypeOf: throwing('prototype') })],
    ['a revoked proxy', revoked.proxy],
    ['a list that is a billion long', new Proxy([1], { get: (_, key) => (key === 'length' ? 1e9 : 1) })],
    ['a list in itself', cyclic],
    ['a very deep list', deep],
    ['an object whose toString throws', { toString: throwing('toString') }],
    ['a function whose name throws', Object.defineProperty(() => 1, 'name', { get: throwing('name') })],
    ['a symbol', Symbol('s')],
    ['a map', new Map([[1, 2]])],
    ['a promise', Promise.resolve(1)],
  ];

  it.each(hostile)('%s gives an ArgumentError wherever it stands', (_, value) => {
    for (const name of ['abs', 'sum', 'reshape', 'take', 'index', 'concatenate', 'astype', 'pad', 'tensordot']) {
      const { parameters: list } = registry.get(name);
      const good = list.map((parameter) =>
        parameter.kind === 'array' || parameter.kind === 'operand' ? a : undefined,
      );
      for (const place of list.keys()) {
        const args: unknown[] = good.slice(0, place + 1);
        args[place] = value;
        // One more, so that it is no trailing object.
        refusal(name, ...args, ...(place + 1 < list.length ? [undefined] : []));
      }
    }
    refusal('sum', a, { stream: value });
    refusal('sum', a, { implementation: value });
  });
});
