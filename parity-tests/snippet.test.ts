import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bool, complex64, float32, int64 } from '../foundation/values/dtypes.ts';
import { Complex, Slice } from '../foundation/values/values.ts';
import { Registry } from '../registry/registry.ts';
import { type Call, TensorRecipe } from './call.ts';
import { JournalWriter, readJournal } from './journal.ts';
import { oneLine, pythonSnippet, typescriptSnippet } from './snippet.ts';

const registry = new Registry();
const FROM = { seed: 3, path: 'right:1' };

function call(name: string, positional: readonly unknown[], keywords: Record<string, unknown> = {}): Call {
  return { operation: registry.get(name), positional, keywords };
}

const inTypescript = (one: Call) => typescriptSnippet(one, FROM);
const inPython = (one: Call) => pythonSnippet(one, FROM).split('\n').at(-1);

describe('a program of a call', () => {
  it('names where the call came from, its tensors and its keywords', () => {
    const a = new TensorRecipe(float32, [2], [1, Number.NaN]);
    const add = call('sum', [a], { keepdims: true });
    const text = inTypescript(add);
    expect(text).toContain('// mx.sum, seed 3, path right:1');
    expect(text).toContain('const a = mx.array([1, NaN], mx.float32).reshape([2]);');
    expect(text).toContain('String(mx.sum(a, { keepdims: true }))');
    expect(pythonSnippet(add, { seed: 3, path: null })).toBe(
      '# mx.sum, seed 3\nimport mlx.core as mx\n\na = mx.array([1, float("NaN")], mx.float32).reshape([2])\nprint(mx.sum(a, keepdims=True))',
    );
  });

  it('makes views by the same steps', () => {
    const viewed = new TensorRecipe(
      bool,
      [3, 1],
      [true, false],
      [1, 2],
      [
        { view: 'transpose', axes: [1, 0] },
        { view: 'slice', slices: [new Slice(0, 1, 1), new Slice(null, null, -1)] },
        { view: 'broadcast', shape: [3, 1] },
      ],
    );
    const text = inTypescript(call('abs', [viewed]));
    expect(text).toContain(
      'mx.broadcastTo(mx.array([true, false], mx.bool).reshape([1, 2]).transpose([1, 0])' +
        '.index(mx.Slice(0, 1, 1), mx.Slice(null, null, -1)), [3, 1])',
    );
    expect(pythonSnippet(call('abs', [viewed]), FROM)).toContain(
      'mx.broadcast_to(mx.array([True, False], mx.bool_).reshape([1, 2]).transpose([1, 0])' +
        '[slice(0, 1, 1), slice(None, None, -1)], [3, 1])',
    );
  });

  it.each([
    [-0, '-0', '-0.0'],
    [Number.POSITIVE_INFINITY, 'Infinity', 'float("inf")'],
    [5n, '5n', '5'],
    [new Complex(1, -0), 'mx.Complex(1, -0)', 'complex(1, -0.0)'],
    [null, 'null', 'None'],
    [undefined, 'undefined', 'None'],
    ['a"b', '"a\\"b"', '"a\\"b"'],
    ['...', '"..."', '...'],
    [int64, 'mx.int64', 'mx.int64'],
    [[1, [true]], '[1, [true]]', '[1, [True]]'],
    [{ re: 1 }, '{ re: 1 }', '{"re": 1}'],
    [new Map(), 'new Map()', 'object()'],
    [new Date(1), 'new Date(0)', 'object()'],
    [() => 1, '() => 0', 'object()'],
    [Symbol('s'), 'Symbol("s")', 'object()'],
  ])('writes %s in both languages', (value, typescript, python) => {
    expect(inTypescript(call('abs', [value]))).toContain(`String(mx.abs(${typescript}))`);
    expect(inPython(call('abs', [value]))).toBe(`print(mx.abs(${python}))`);
  });

  it('writes an index as a tuple, and operators with their module', () => {
    const a = new TensorRecipe(complex64, [], [new Complex(0, 1)]);
    expect(inPython(call('index', [a, [0, null]]))).toMatch(/\(a, \(0, None,?\),?\)\)$/);
    expect(pythonSnippet(call('index', [a, 0]), FROM)).toMatch(/^import mlx_router_worker|^import operator/m);
  });

  it('calls an operation of the user by its name', () => {
    const own = new Registry();
    own.add({ name: 'own.twice', python: 'my_module:twice' });
    const text = typescriptSnippet({ operation: own.get('own.twice'), positional: [1], keywords: {} }, FROM);
    expect(text).toContain("import { core as mx, registry, shutdown } from 'mlx-router';");
    expect(text).toContain('registry.call("own.twice", 1)');
  });

  it('fits a line for lists', () => {
    const a = new TensorRecipe(float32, [2], [1, 2], [1, 2], [{ view: 'transpose', axes: [1, 0] }]);
    expect(oneLine(call('sum', [a], { axis: 1 }))).toBe('mx.sum("float32[2] transpose", axis=1)');
  });
});

describe('the journal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-router-journal-'));
  const path = join(folder, 'journal');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the last call alone, however long the one before was', () => {
    const writer = new JournalWriter(path);
    expect(readJournal(path)).toBeUndefined();
    writer.write({ call: 'mx.abs(1)', typescript: 'x'.repeat(500), python: '' });
    writer.write({ call: 'mx.exp(1)', typescript: '', python: 'print(mx.exp(1))' });
    writer.close();
    expect(readJournal(path)).toMatchObject({ call: 'mx.exp(1)', python: expect.stringContaining('print(mx.exp(1))') });
  });

  it('has no call where the process ended while it wrote', () => {
    writeFileSync(path, Buffer.from([200, 0, 0, 0, 123]));
    expect(readJournal(path)).toBeUndefined();
    writeFileSync(path, Buffer.alloc(4));
    expect(readJournal(path)).toBeUndefined();
  });
});
