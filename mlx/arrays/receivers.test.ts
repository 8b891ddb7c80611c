import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError, core as mx, PythonError, shutdown } from '../index.ts';

afterAll(() => shutdown());

const any = (value: unknown) => value as never;
const forge = (prototype: object) => Object.create(prototype) as never;
const forged: mx.Array = forge(mx.array.prototype);

describe('an object that only inherits from the class', () => {
  it.each<[string, () => unknown]>([
    ['a method', () => forged.add(1)],
    ['a way of reading', () => forged.tolist()],
    ['a property', () => forged.shape],
    ['dispose', () => forged.dispose()],
    ['an argument', () => mx.add(1, forged)],
    ['an argument beside others', () => mx.convTranspose1d(mx.ones([1, 4, 2]), forged)],
    ['an item of a list', () => mx.concatenate([forged])],
    ['an argument of a transform', () => mx.grad((x: mx.Array) => mx.sum(x))(forged)],
    ['save', () => mx.save(new mx.MemoryFile(), forged)],
    ['resultType', () => mx.resultType(forged)],
    ['eval', () => mx.eval([forged])],
    ['a dtype', () => mx.zeros([1], { dtype: forge(mx.Dtype.prototype) })],
    ['a device', () => mx.add(1, mx.array(1), { stream: forge(mx.Device.prototype) })],
    ['a session', () => (forge(mx.Session.prototype) as mx.Session).end()],
    ['a file in memory', () => (forge(mx.MemoryFile.prototype) as InstanceType<typeof mx.MemoryFile>).bytes()],
    ['a group', () => (forge(mx.distributed.Group.prototype) as mx.distributed.Group).size()],
  ])('is refused as %s, on both backends', (_, use) => {
    for (const side of ['native', 'python'] as const) {
      expect(() => mx.withImplementation(side, use)).toThrow(ArgumentError);
    }
  });

  it('can still be printed', () => {
    for (const type of [mx.array, mx.Dtype, mx.Device, mx.Stream, mx.finfo, mx.distributed.Group]) {
      expect(inspect(forge(type.prototype))).toContain('without its fields');
    }
  });
});

it('dtypes, streams and groups are not made by hand', () => {
  expect(() => new mx.Dtype('int8', 99, 1, 'int')).toThrow('use mx.float32 and the like');
  expect(() => new mx.Stream('cpu', -1)).toThrow('expected the index of a stream');
  expect(() => new mx.Stream(any('tpu'), 0)).toThrow("expected 'cpu' or 'gpu'");
  for (const facts of [any(5), any([0, 1]), any([0, undefined, 1]), undefined as never]) {
    expect(() => new mx.distributed.Group(facts)).toThrow('made by mx.distributed.init');
  }
  const Group = mx.distributed.Group as unknown as new (...args: unknown[]) => unknown;
  expect(() => new Group(0, [undefined])).toThrow(ArgumentError);
});

it('a method that writes in place takes arrays alone', () => {
  const methods = mx.array.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const names = Object.getOwnPropertyNames(methods).filter((name) => name.endsWith('_'));
  expect(names).toHaveLength(14);
  for (const name of names) {
    for (const receiver of [[null], [undefined], [mx.ones([2])], null, undefined, {}, 'text', forged]) {
      expect(() => methods[name]?.call(receiver, mx.ones([2])), name).toThrow(ArgumentError);
    }
  }
});

it('a stream that is not there is refused, and changes nothing', () => {
  const before = mx.defaultStream(mx.cpu);
  const unknown = new mx.Stream('cpu', 9999);
  expect(() => mx.stream(unknown, () => mx.eval(mx.ones([2])))).toThrow(ArgumentError);
  expect(() => mx.setDefaultStream(unknown)).toThrow('mx.setDefaultStream: ');
  expect(mx.defaultStream(mx.cpu)).toEqual(before);
  expect(mx.ones([2]).add(1).tolist()).toEqual([2, 2]);
});

describe.each(['native', 'python'] as const)('a frozen array, on %s', (implementation) => {
  const frozen = () => Object.freeze(mx.full([2], 3, { implementation }));

  it('is read, computed with, and disposed', () => {
    const x = frozen();
    expect([x.tolist(), x.shape, x.add(1).tolist(), `${x}`]).toEqual([
      [3, 3],
      [2],
      [4, 4],
      'array([3, 3], dtype=float32)',
    ]);
    const other = implementation === 'native' ? 'python' : 'native';
    for (let i = 0; i < 3; i++) expect(mx.add(x, i, { implementation: other }).tolist()).toEqual([3 + i, 3 + i]);
    x.dispose();
    x.dispose();
    expect(x.isDisposed).toBe(true);
    expect(() => x.tolist()).toThrow(DisposedError);
  });

  it('is not written into', () => {
    expect(() => frozen().add_(1)).toThrow('the array is frozen');
  });
});

it('as many dimensions as an array may have are read, and more are refused', () => {
  const deepest = mx.ones(Array(64).fill(1));
  let level: unknown = deepest.tolist();
  let depth = 0;
  for (; Array.isArray(level); level = level[0]) depth++;
  expect([depth, level]).toEqual([64, 1]);
  expect(JSON.stringify(deepest)).toBe(JSON.stringify(deepest.tolist()));
  expect(() => mx.ones(Array(5000).fill(1))).toThrow(ArgumentError);
});

it('errors can be made of anything', () => {
  expect(new (PythonError as unknown as new () => PythonError)()).toMatchObject({
    message: '',
    pythonClass: 'Exception',
  });
  expect(new ArgumentError(any(Object.create(null)), any(null)).message).toBe('an error without a text');
});
