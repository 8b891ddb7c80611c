import { describe, expect, it } from 'vitest';
import { family, sample } from '../../registry/catalogue/entry.ts';
import { CATALOGUE } from '../../registry/catalogue/index.ts';
import { array, axes, bool, float, int, shape, string } from '../../registry/parameters.ts';
import { generatedFiles } from './modules.ts';
import { overloads } from './signature.ts';

const op = family('reduction');
const row = { doc: 'Something.', sample: sample('tensor') };

describe('overloads', () => {
  it('has one for each number of parameters given by position', () => {
    const sum = op('sum', [array('a'), axes('axis', null), bool('keepdims', false)], row);
    expect(overloads(sum)).toEqual([
      'a: array, options?: SumOptions',
      "a: array, axis: Axes | null, options?: Omit<SumOptions, 'axis'>",
      'a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions',
    ]);
  });

  it('keeps keywords in the object, which is required where one of them is', () => {
    const norm = op('norm', [array('x'), float('eps', undefined, { keywordOnly: true })], row);
    expect(overloads(norm)).toEqual(['x: array, options: NormOptions']);
  });

  it('lets what leads by name too, unless it is a tensor', () => {
    const zeros = op('zeros', [shape('shape')], row);
    expect(overloads(zeros)).toEqual(['options: ZerosOptions', 'shape: Shape, options?: CallOptions']);
  });

  it('drops the first parameter for a method', () => {
    const round = op('round', [array('a'), int('decimals', 0)], row);
    expect(overloads(round, 1)).toEqual(['options?: RoundOptions', 'decimals: number, options?: CallOptions']);
  });

  it('takes any number of a variadic parameter, the keywords behind them', () => {
    const mode = string('indexing', 'xy', { keywordOnly: true, choices: ['xy', 'ij'] });
    const grid = op('grid', [array('arrays', undefined, { variadic: true }), mode], row);
    expect(overloads(grid)).toEqual([
      '...arrays: array[]',
      '...arraysAndOptions: [...arrays: array[], options: GridOptions]',
    ]);
  });
});

describe('generatedFiles', () => {
  const files = generatedFiles(CATALOGUE);
  const all = [...files.values()].join('\n');

  it('binds every operation once', () => {
    const bound = [...all.matchAll(/bind\('([^']+)'\)/g)].map((match) => match[1]);
    expect(bound).toHaveLength(CATALOGUE.length);
    expect(new Set(bound).size).toBe(CATALOGUE.length);
  });

  it('exports a reserved word under another name of the constant', () => {
    expect(files.get('core/reduction.ts')).toContain('export { var_ as var };');
    expect(all).not.toMatch(/const var\b/);
  });

  it('exports every other name as the same function', () => {
    const core = files.get('core/unary-1.ts');
    expect(core).toContain("export const arccos = bind('arccos')");
    expect(core).toContain('/** Another name of `mx.arccos`. @alias */\nexport const acos = arccos;');
  });

  it('cuts what is too long for a file into even parts, which the file exports', () => {
    for (const [path, text] of files) expect(text.split('\n').length - 1, path).toBeLessThanOrEqual(400);
    const rows = Array.from({ length: 100 }, (_, i) => op(`thing${i}`, [array('a')], row));
    const cut = generatedFiles(rows);
    const parts = [...cut.keys()].filter((path) => /^core\/reduction-\d+\.ts$/.test(path));
    expect(parts.length).toBeGreaterThan(1);
    expect(cut.get('core/reduction.ts')?.match(/^export \* from .*$/gm)).toEqual(
      parts.map((path) => `export * from './${path.slice('core/'.length)}';`),
    );
    const bound = parts.map((path) => cut.get(path)?.match(/bind\(/g)?.length ?? 0);
    expect(bound.reduce((sum, count) => sum + count)).toBe(100);
    expect(Math.max(...bound) - Math.min(...bound)).toBeLessThan(5);
  });

  it('imports the types that it mentions', () => {
    expect(files.get('fft.ts')).toMatch(/import type \{ array, Axes, CallOptions \} from '..\/types.ts'/);
  });
});
