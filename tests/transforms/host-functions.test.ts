import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, core as mx, OperationError, shutdown } from '../../mlx/index.ts';
import { askPython } from '../support/python.ts';

afterAll(() => shutdown());

describe('mx.broadcastShapes', () => {
  it('answers as Python does', () => {
    const extent = fc.constantFrom(0, 1, 1, 2, 3);
    const shapes = fc.array(fc.array(extent, { maxLength: 3 }), { maxLength: 3 });
    const calls = fc.sample(shapes, { numRuns: 300, seed: 7 });
    const script = `
answers = []
for shapes in data:
    try:
        answers.append(list(mx.broadcast_shapes(*shapes)))
    except ValueError as error:
        answers.append(str(error))
print(json.dumps(answers))`;
    const ours = calls.map((given) => {
      try {
        return mx.broadcastShapes(...given);
      } catch (error) {
        expect(error).toBeInstanceOf(OperationError);
        return (error as Error).message.replace('mx.broadcastShapes: ', '');
      }
    });
    expect(ours).toEqual(askPython(script, calls));
  });

  it.each([[[1.5]], [3], ['2'], [null]])('refuses %o as a shape', (shape) => {
    expect(() => mx.broadcastShapes(shape as never)).toThrow(ArgumentError);
  });
});

describe('mx.atleast…', () => {
  it('takes one tensor, or several', () => {
    const one = mx.atleast2d(mx.array(1));
    expect(one.shape).toEqual([1, 1]);
    const several = mx.atleast3d(mx.array(1), mx.array([1, 2]), { stream: mx.cpu });
    expect(several.map(({ shape }) => shape)).toEqual([
      [1, 1, 1],
      [1, 2, 1],
    ]);
    expect(mx.atleast1d()).toEqual([]);
  });

  it('refuses what is no tensor', () => {
    expect(() => mx.atleast1d(1 as never)).toThrow(ArgumentError);
    expect(() => mx.atleast1d(mx.array(1), { strem: mx.cpu } as never)).toThrow('did you mean "stream"?');
  });
});

describe('mx.asarray', () => {
  it('makes arrays as mx.array does', () => {
    expect(mx.asarray([1, 2]).dtype).toBe(mx.float32);
    expect(mx.asarray(3, mx.int8).dtype).toBe(mx.int8);
    expect(mx.asarray(3, { dtype: mx.int8, copy: true }).dtype).toBe(mx.int8);
    expect(mx.asarray(new Int16Array([1]), null, { copy: null }).dtype).toBe(mx.int16);
  });

  it('gives an array of its own, so that writing in place leaves the first alone', () => {
    const x = mx.array([1, 2]);
    const y = mx.asarray(x, { copy: false });
    y.add_(1);
    expect([x.tolist(), y.tolist()]).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it('refuses to copy where it should', () => {
    const x = mx.array([1]);
    for (const run of [
      () => mx.asarray([1], { copy: false }),
      () => mx.asarray(new Float32Array(1), { copy: false }),
      () => mx.asarray(x, mx.int8, { copy: false }),
    ]) {
      expect(run).toThrow(OperationError);
      expect(run).toThrow('Unable to avoid copy while creating an array as requested.');
    }
    expect(mx.asarray(x, mx.float32, { copy: false }).tolist()).toEqual([1]);
  });

  it.each([
    [() => mx.asarray([1], { cpoy: true } as never), '"cpoy"'],
    [() => mx.asarray([1], null, { dtype: mx.int8 } as never), '"dtype"'],
    [() => mx.asarray([1], { copy: 1 } as never), 'for "copy"'],
    [() => mx.asarray([1], null, 3 as never), 'keywords in an object'],
    [() => mx.asarray([1], 'int8' as never), 'for "dtype"'],
  ])('refuses wrong keywords', (run, message) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(message);
  });
});

describe('devices', () => {
  it.skipIf(mx.isAvailable(mx.gpu))('throw typed errors with the public name', () => {
    expect(() => mx.defaultStream(mx.gpu)).toThrow(OperationError);
    expect(() => mx.defaultStream(mx.gpu)).toThrow('mx.defaultStream: [default_stream] Cannot get gpu stream');
    expect(() => mx.metal.startCapture(3 as never)).toThrow(ArgumentError);
  });

  it('have Python’s old names of the memory functions under metal', () => {
    expect(mx.metal.getActiveMemory).toBe(mx.getActiveMemory);
    // Others may use the GPU meanwhile.
    const facts = (info: object) => ({ ...info, free_memory: undefined });
    expect(facts(mx.metal.deviceInfo())).toEqual(facts(mx.deviceInfo()));
  });
});
