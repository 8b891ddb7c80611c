import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  ConfigurationError,
  DisposedError,
  OperationError,
  ProtocolError,
  PythonError,
  UnsupportedOperationError,
} from '../foundation/errors/errors.ts';
import { POOL_LIMITS } from '../foundation/system/limits.ts';
import {
  bfloat16,
  bool,
  complex64,
  DTYPES,
  float16,
  float32,
  float64,
  int8,
  int64,
  uint8,
  uint64,
} from '../foundation/values/dtypes.ts';
import { Complex, type Element, type Handle, Scalar, Slice } from '../foundation/values/values.ts';
import { CATALOGUE } from '../registry/catalogue/index.ts';
import * as kinds from '../registry/parameters.ts';
import { PythonBackend } from './index.ts';
import {
  ADD,
  backend,
  floats,
  own,
  RESHAPE,
  read,
  row,
  run,
  runAsync,
  runOwn,
  thrown,
} from './test-support/backends.ts';

const python = backend({ operations: () => CATALOGUE });
const catalogued = (name: string) => CATALOGUE.find((operation) => operation.name === name) ?? ADD;

describe('tensors', () => {
  it.each(DTYPES.map((dtype) => [dtype.name, dtype] as const))('of %s keep their bytes', (_, dtype) => {
    // Patterns that stay as they are in every dtype: a bool is 0 or 1.
    const bytes = Uint8Array.from({ length: 6 * dtype.size }, (_, i) => (dtype === bool ? i % 2 : (i * 37) % 120));
    const handle = python.create(bytes, [2, 3], dtype);
    expect(python.describe(handle)).toEqual({ shape: [2, 3], dtype });
    expect(python.read(handle)).toEqual(bytes);
  });

  it.each(DTYPES.map((dtype) => [dtype.name, dtype] as const))('of %s may be empty or have no axes', (_, dtype) => {
    expect(python.read(python.create(new Uint8Array(0), [0, 3], dtype))).toEqual(new Uint8Array(0));
    const one = new Uint8Array(dtype.size).fill(1);
    expect(python.read(python.create(one, [], dtype))).toEqual(one);
  });

  it('are copied before create returns, and read into memory of their own', () => {
    const bytes = new Uint8Array(Float32Array.of(1, 2).buffer);
    const handle = python.create(bytes, [2], float32);
    bytes.fill(0);
    expect(read(python, handle)).toEqual([1, 2]);
    expect(python.read(handle).buffer.byteLength).toBe(8);
  });

  it('need as many bytes as the shape says', () => {
    expect(() => python.create(new Uint8Array(7), [2], float32)).toThrow(ArgumentError);
  });

  it('that are strided are read in row-major order', () => {
    const tensor = python.create(new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer), [2, 3], float32);
    expect(read(python, run(python, catalogued('transpose'), tensor, null))).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('print as Python prints them', () => {
    expect(python.printing.text(floats(python, 1, 2.5), -1)).toBe('array([1, 2.5], dtype=float32)');
  });

  it('of many megabytes cross both ways', async () => {
    const bytes = new Uint8Array(20_000_000).map((_, i) => i % 251);
    const handle = python.create(bytes, [bytes.length], uint8);
    expect(Buffer.compare(python.read(handle), bytes)).toBe(0);
    expect(Buffer.compare(await python.readAsync(handle), bytes)).toBe(0);
  });

  it('over the limit of a frame are an error, and the worker goes on', () => {
    const small = backend({ maxFrameBytes: 2 ** 20, sharedMemoryBytes: 0 });
    expect(() => small.create(new Uint8Array(2 ** 21), [2 ** 21], uint8)).toThrow(ProtocolError);
    const many = floats(small, ...new Array(1000).fill(1));
    const large = run(small, own('same'), [many], {});
    expect(read(small, large)).toHaveLength(1000);
    const wide = run(small, row('tile', 'mlx.core:tile', [kinds.array('a'), kinds.ints('reps')]), many, [1000]);
    expect(() => small.read(wide as Handle)).toThrow(ProtocolError);
    expect(read(small, many)).toHaveLength(1000);
  });
});

describe('calls', () => {
  it('give handles with shape and dtype', () => {
    const sum = run(python, catalogued('add'), floats(python, 1, 2), floats(python, 3, 4)) as Handle;
    expect(python.describe(sum)).toEqual({ shape: [2], dtype: float32 });
    expect(read(python, sum)).toEqual([4, 6]);
  });

  it.each<[string, Element, Scalar['dtype'], string]>([
    ['float64', 0.1, float64, 'array(0.1, dtype=float64)'],
    ['minus nought', -0, float32, 'array(-0, dtype=float32)'],
    ['float16', 0.1, float16, 'array(0.0999756, dtype=float16)'],
    ['bfloat16', 0.1, bfloat16, 'array(0.100098, dtype=bfloat16)'],
    ['int8', -128, int8, 'array(-128, dtype=int8)'],
    ['int64', 2n ** 63n - 1n, int64, 'array(9223372036854775807, dtype=int64)'],
    ['uint64', 2n ** 64n - 1n, uint64, 'array(18446744073709551615, dtype=uint64)'],
    ['complex64', new Complex(1, -2), complex64, 'array(1-2j, dtype=complex64)'],
    ['bool', true, bool, 'array(True, dtype=bool)'],
  ])('take a weak %s exactly', (_, value, dtype, text) => {
    expect(python.printing.text(runOwn(python, 'same', new Scalar(value, dtype)) as Handle, -1)).toBe(text);
  });

  it('take indices of every sort', () => {
    const tensor = python.create(
      new Uint8Array(Float32Array.from({ length: 12 }, (_, i) => i).buffer),
      [3, 4],
      float32,
    );
    const index = (...parts: (number | null | '...' | Slice)[]): number[] =>
      read(python, run(python, catalogued('index'), tensor, parts));
    expect(index(1)).toEqual([4, 5, 6, 7]);
    expect(index('...', -1)).toEqual([3, 7, 11]);
    expect(index(new Slice(null, null, -2), 0)).toEqual([8, 0]);
    expect(index(null, 2, new Slice(1, 3, null))).toEqual([9, 10]);
  });

  it('spread a list over the positions that are left', () => {
    const grids = run(
      python,
      catalogued('meshgrid'),
      [floats(python, 1, 2), floats(python, 3)],
      false,
      'ij',
    ) as Handle[];
    expect(grids.map((grid) => python.describe(grid).shape)).toEqual([
      [2, 1],
      [2, 1],
    ]);
  });

  it('leave out a default that Python does not take as None', () => {
    const zeros = run(python, catalogued('arange'), 3, null, 1, null);
    expect(python.describe(zeros as Handle).shape).toEqual([3]);
  });

  it('run on the stream that is asked for', () => {
    const sum = python.prepare(catalogued('add')).run([floats(python, 1), floats(python, 2)], {
      stream: { device: 'cpu', index: null },
    });
    expect(read(python, sum)).toEqual([3]);
    // A stream that is made where it is first named.
    const own = { stream: { device: 'cpu', index: 99 } } as const;
    expect(read(python, python.prepare(catalogued('add')).run([floats(python, 1), sum as Handle], own))).toEqual([4]);
  });

  it('give trees of tensors and plain data', () => {
    const parts = runOwn(python, 'parts', floats(python, 1, 2)) as { twice: Handle; list: [Handle, ...unknown[]] };
    expect(read(python, parts.twice)).toEqual([2, 4]);
    const [tensor, ...rest] = parts.list;
    expect(read(python, tensor)).toEqual([2, 3]);
    expect(rest).toEqual([2.5, null, 'text', true, 2n ** 60n]);
  });

  it('run at the same time in the order in which they were made', async () => {
    const one = floats(python, 1);
    const sums = await Promise.all(
      Array.from({ length: 200 }, (_, i) => runAsync(python, catalogued('add'), one, new Scalar(i, float32))),
    );
    expect(sums.map((sum) => read(python, sum)[0])).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  it('may be synchronous while others are in flight', async () => {
    const slow = runAsync(python, own('sleep'), [0.1, 7], {});
    expect(read(python, run(python, catalogued('add'), floats(python, 1), floats(python, 1)))).toEqual([2]);
    expect(await slow).toBe(7);
  });

  it('evaluate', async () => {
    const sum = run(python, catalogued('add'), floats(python, 1), floats(python, 2)) as Handle;
    python.eval([sum, sum]);
    await python.evalAsync([sum]);
    python.eval([]);
    expect(read(python, sum)).toEqual([3]);
  });
});

describe('mistakes', () => {
  it('of MLX have its own message behind the public name', async () => {
    const error = thrown(() => run(python, catalogued('reshape'), floats(python, 1, 2, 3), [2])) as OperationError;
    expect(error).toBeInstanceOf(OperationError);
    expect(error.message).toBe('mx.reshape: [reshape] Cannot reshape array of size 3 into shape (2).');
    expect(error).toMatchObject({ operation: 'mx.reshape', implementation: 'python', code: 'ERR_MLX_OPERATION' });
    expect((error.cause as PythonError).traceback).toContain('ValueError');
    await expect(runAsync(python, catalogued('reshape'), floats(python, 1), [2])).rejects.toThrow(
      error.constructor as never,
    );
  });

  it('of an evaluation too, and the worker goes on', () => {
    const singular = python.create(new Uint8Array(16), [2, 2], float32);
    const context = { stream: { device: 'cpu', index: null } } as const;
    const inverse = (): Handle => python.prepare(catalogued('inv')).run([singular, false], context) as Handle;
    for (const call of [
      () => python.read(inverse()),
      () => python.eval([inverse()]),
      () => python.printing.text(inverse(), -1),
    ]) {
      expect(thrown(call)).toBeInstanceOf(OperationError);
      expect(thrown(call).message).toMatch(/^\[Inverse::eval_cpu\]/);
    }
    expect(read(python, floats(python, 1))).toEqual([1]);
  });

  it('of a function of the user have its traceback, without the lines of the worker', () => {
    const error = thrown(() => runOwn(python, 'fail', 'no such thing')) as PythonError;
    expect(error).toBeInstanceOf(PythonError);
    expect(error.message).toBe('own.fail: LookupError: no such thing');
    expect(error.traceback).toContain('bridge_functions.py');
    expect(error.traceback).not.toContain('mlx_router_worker');
  });

  it('are results without a form on the wire, and leave nothing behind', () => {
    expect(() => runOwn(python, 'unsendable')).toThrow(/expected mx.array.*received object/);
  });

  it.each([
    ['os:system', ConfigurationError],
    ['mlxevil:run', ConfigurationError],
    ['bridge_functions_too:run', ConfigurationError],
    ['bridge_functions:_private', ConfigurationError],
    ['bridge_functions:os._exit', ConfigurationError],
    ['bridge_functions:same.__globals__', ConfigurationError],
    ['bridge_functions.__init__:same', ConfigurationError],
    ['mlx_router_worker.worker:run', ConfigurationError],
    ['bridge_functions:missing', UnsupportedOperationError],
    ['bridge_functions:__name__', ConfigurationError],
  ])('are functions that may not be reached: %s', (path, expected) => {
    const operation = own('hostile', path);
    expect(thrown(() => run(python, operation, [], {}))).toBeInstanceOf(expected);
  });

  it('are operations that this Python does not have, known from the start', () => {
    const missing = row('missing', 'mlx.core:there_is_none', []);
    const other = backend({ operations: () => [missing, ADD] });
    expect(other.supports(missing)).toBe(true);
    expect(() => run(other, missing)).toThrow(UnsupportedOperationError);
    expect(other.supports(missing)).toBe(false);
    expect(other.supports(ADD)).toBe(true);
    expect(other.supports(row('none', 'x', [], { python: null }))).toBe(false);
    expect(() => run(other, row('none', 'x', [], { python: null }))).toThrow(UnsupportedOperationError);
  });

  it('are uses after a free', () => {
    const tensor = floats(python, 1);
    python.free(tensor);
    python.free(tensor);
    expect(python.isAlive(tensor)).toBe(false);
    expect(() => python.read(tensor)).toThrow(DisposedError);
    expect(() => python.describe(tensor)).toThrow(DisposedError);
    expect(() => run(python, RESHAPE, tensor, [1])).toThrow(DisposedError);
  });
});

describe("a user's operation", () => {
  it('takes positions and keywords', () => {
    expect(run(python, own('keywords'), [1, 'two'], { axis: 3 })).toEqual([[1, 'two'], { axis: 3 }]);
  });

  it('may print, and read stdin, without harm', () => {
    expect(runOwn(python, 'noise', 'x'.repeat(10_000))).toBe('');
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('may be registered when the worker runs already', () => {
    const late = own('same');
    expect(run(python, late, [41], {})).toBe(41);
    expect(run(python, late, [-0], {})).toBe(-0);
  });
});

it('gives what it is', () => {
  expect(python.status(true)).toMatchObject({ available: true, mlxVersion: '0.32.2' });
  expect(python.stats()).toMatchObject({ workers: 1, busy: 0, restarts: 0 });
  expect(python.stats().bytesSent).toBeGreaterThan(10_000);
  expect(python.events.find(({ type }) => type === 'started')).toMatchObject({ worker: 0 });
  expect(python.events.find(({ type }) => type === 'call')).toMatchObject({ queueWait: expect.any(Number) });
});

it('is not disturbed by an observer that throws', () => {
  const observed = backend({
    onEvent: () => {
      throw new Error('not listening');
    },
  });
  expect(read(observed, floats(observed, 1))).toEqual([1]);
});

it('knows every operation of the catalogue', () => {
  expect(CATALOGUE.filter((operation) => operation.python !== null && !python.supports(operation))).toEqual([]);
});

it('goes by the limits that were set last', () => {
  const late = new PythonBackend({ operations: () => [], allowModules: [] });
  late.pool.limit({ ...POOL_LIMITS, poolSize: 2 });
  expect(late.status(false)).toMatchObject({ available: true, details: { 'pool size': 2 } });
});
