import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { core as mx } from '../index.ts';

type Tensor = ReturnType<typeof mx.array>;

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-export-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const x = mx.array([1, 2, 3]);

describe('exportFunction and importFunction', () => {
  it('write a function and read it back, with what it captures', () => {
    const weight = mx.array([2, 3, 4]);
    mx.exportFunction(at('one.mlxfn'), (a: Tensor, b: Tensor) => [a.multiply(weight).add(b), mx.exp(a)], x, x);
    const f = mx.importFunction(pathToFileURL(at('one.mlxfn')));
    const [sum, exp] = f(x, mx.array([10, 20, 30])) as [Tensor, Tensor];
    expect(sum.tolist()).toEqual([12, 26, 42]);
    expect(exp.tolist()).toEqual(mx.exp(x).tolist());
    expect(f([x, x])[0]?.tolist()).toEqual([3, 8, 15]);
  });

  it('takes arrays by name', () => {
    const f = (a: Tensor, { scale, shift }: { scale: Tensor; shift: Tensor }) => a.multiply(scale).add(shift);
    mx.exportFunction(at('named.mlxfn'), f, x, { shift: mx.array(1), scale: mx.array(2) });
    const imported = mx.importFunction(at('named.mlxfn'));
    expect(imported(x, { scale: mx.array(10), shift: mx.array(5) })[0]?.tolist()).toEqual([15, 25, 35]);
    expect(() => imported(x, x)).toThrow('No imported function found which matches');
  });

  it('takes other shapes only when it is shapeless', () => {
    mx.exportFunction(at('any.mlxfn'), (a: Tensor) => mx.exp(a), x, { shapeless: true });
    expect(mx.importFunction(at('any.mlxfn'))(mx.zeros([5]))[0]?.shape).toEqual([5]);
    mx.exportFunction(at('fixed.mlxfn'), (a: Tensor) => mx.exp(a), x);
    expect(() => mx.importFunction(at('fixed.mlxfn'))(mx.zeros([5]))).toThrow('No imported function');
  });

  it('works inside transforms', () => {
    mx.exportFunction(at('square.mlxfn'), (a: Tensor) => mx.square(a), x);
    const f = mx.importFunction(at('square.mlxfn'));
    const g = mx.grad((a: Tensor) => mx.sum(f(a)[0] as Tensor))(x);
    expect(g.tolist()).toEqual([2, 4, 6]);
  });

  it.each([
    [
      'a throw',
      () => {
        throw new RangeError('mine');
      },
      'mine',
    ],
    ['no array', () => 3, 'expected the function to give one or more arrays'],
    ['an empty list', () => [], 'expected the function to give one or more arrays'],
    ['a promise', async () => x, 'expected a synchronous function'],
    ['reading', (a: Tensor) => a.add(mx.sum(a).item() as number), 'Attempting to eval'],
  ])('refuses %s', (_, f, message) => {
    expect(() => mx.exportFunction(at('wrong.mlxfn'), f as never, x)).toThrow(message);
    expect(mx.add(1, 1).item()).toBe(2);
  });

  it('names what MLX’s C API cannot do', () => {
    const f = (a: Tensor) => a.add(1);
    const refused = { code: 'ERR_MLX_UNSUPPORTED_OPERATION' };
    expect(() => mx.exportFunction((() => undefined) as never, f, x)).toThrow(expect.objectContaining(refused));
    expect(() => mx.exportFunction(at('m.mlxfn'), f, x, { metadata: 'm' })).toThrow(expect.objectContaining(refused));
    expect(() => mx.exporter(at('m.mlxfn'), f, { metadata: 'm' })).toThrow(expect.objectContaining(refused));
    expect(() => mx.importFunction(at('one.mlxfn'), true)).toThrow(expect.objectContaining(refused));
  });

  it('says which file cannot be opened', () => {
    const failed = expect.objectContaining({ code: 'ERR_MLX_FILE' });
    expect(() => mx.importFunction(at('none.mlxfn'))).toThrow(failed);
    expect(() => mx.exportFunction(at('no/folder/f.mlxfn'), (a: Tensor) => a.add(1), x)).toThrow(failed);
    expect(() => mx.exportToDot(at('no/folder/f.dot'), x)).toThrow(failed);
    expect(() => mx.importFunction(3 as never)).toThrow('expected a path or a file: URL for "file"');
    writeFileSync(at('text.mlxfn'), 'this is no function');
    expect(() => mx.importFunction(at('text.mlxfn'))).toThrow();
  });
});

describe('exporter', () => {
  it('writes a trace for each kind of arguments', () => {
    const traces = mx.exporter(at('many.mlxfn'), (...all: Tensor[]) => all.reduce((a, b) => a.add(b)));
    traces(x);
    traces(x, x);
    traces.close();
    traces.close();
    expect(() => traces(x)).toThrow('the exporter was closed');
    const f = mx.importFunction(at('many.mlxfn'));
    expect([f(x)[0]?.tolist(), f(x, x)[0]?.tolist()]).toEqual([
      [1, 2, 3],
      [2, 4, 6],
    ]);
    expect(() => f(x, x, x)).toThrow('No imported function');
  });

  it('throws what the function throws, and is closed by it', () => {
    const traces = mx.exporter(at('fails.mlxfn'), () => {
      throw new Error('mine');
    });
    expect(() => traces(x)).toThrow('mine');
    expect(() => traces(x)).toThrow('was closed by a trace that failed');
    traces.close();
  });
});

describe('exportToDot', () => {
  it('draws the graph with the names that it is given', () => {
    const y = mx.array([1, 2]);
    mx.exportToDot(at('graph.dot'), mx.exp(y), { y });
    const text = readFileSync(at('graph.dot'), 'utf8');
    expect(text).toMatch(/^digraph \{[\s\S]*\[label ="Exp"[\s\S]*\}\s*$/);
    expect(text).toContain('"y"');
  });
});
