import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, core as mx, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

// biome-ignore lint/suspicious/noExplicitAny: these calls are wrong on purpose
const any = (value: unknown): any => value;
const late = () => any(Promise.reject(new Error('nobody waits for it')));
const x = mx.array([1, 2]);

/** Calls that get promises where arrays, numbers or options belong. */
const CALLS: Record<string, () => unknown> = {
  'an array': () => mx.sum(late()),
  'an operand': () => x.add(late()),
  'each of two': () => mx.add(late(), late()),
  'one behind a wrong argument': () => mx.sum(any('text'), late()),
  'a list of arrays': () => mx.stack([x, late(), late()]),
  'a number': () => mx.softmax(x, late()),
  'an option': () => mx.sum(x, any({ stream: late() })),
  'an unknown option': () => mx.sum(x, any({ streem: late() })),
  'an index': () => x.index([late(), late()]),
  'a value to write': () => x.indexPut_(0, late()),
  'an operand in place': () => x.add_(late()),
  data: () => mx.array(late()),
  'nested data': () => mx.array(any([[1, late()], [late()]])),
  'one argument too many': () => mx.grad(mx.sum, 0, any(late())),
  primals: () => mx.vjp(mx.sum, [late()], [late()]),
  'a function': () => mx.grad(late()),
  'a size': () => mx.setCacheLimit(late()),
  'a group': () => new mx.distributed.Group(late()),
  'an asynchronous save of nothing, inside of a transform': () =>
    mx.grad((a: mx.Array) => mx.sum(any(mx.saveGgufAsync(any(a), any({})))))(x),
  'the same under vmap, and a proxy': () =>
    mx.vmap((a: mx.Array) => mx.sum(any(mx.saveGgufAsync(any(a), new Proxy({}, {})))))(x),
};

describe.each(['native', 'python'] as const)('on %s a promise in place of', (side) => {
  it.each(Object.entries(CALLS))('%s is refused, and its rejection ends nothing', async (_, call) => {
    const unhandled: unknown[] = [];
    const listen = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', listen);
    try {
      expect(() => mx.withImplementation(side, call)).toThrow(ArgumentError);
      expect(() => mx.withImplementation(side, () => mx.pipeline(call))).toThrow(ArgumentError);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});
