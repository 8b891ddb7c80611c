import { expect, test } from 'vitest';
import { obstacles, reportPage } from './report.ts';
import { difference, suggestedRow } from './surfaces.ts';

const before = { version: '1.0.0', names: { 'mlx.core.tri': ['(n: int)'], 'mlx.core.gone': [], 'mlx.core.inf': [] } };
const after = {
  version: '1.1.0',
  names: { 'mlx.core.tri': ['(n: int, k: int = 0)'], 'mlx.core.inf': [], 'mlx.core.fft.stft': ['stft(x: array)'] },
};

test('tells new, gone and changed names apart', () => {
  expect(difference(before, after)).toEqual({
    added: ['mlx.core.fft.stft'],
    removed: ['mlx.core.gone'],
    changed: ['mlx.core.tri'],
  });
  expect(difference(before, before)).toEqual({ added: [], removed: [], changed: [] });
});

test('a name of every object is none of the surface', () => {
  const odd = { version: '1', names: { constructor: ['()'] } };
  expect(difference({ version: '0', names: {} }, odd).added).toEqual(['constructor']);
});

test.each([
  [
    'def minmax(a: array, /, axis: None | int | Sequence[int] = None, keepdims: bool = False, *, stream: StreamOrDevice = None) -> tuple[array, array]',
    "op('minmax', [array('a'), axes('axis', null), bool('keepdims', false)], {",
  ],
  [
    "def f(a: scalar | array, parts: list[array], mode: str = 'affine', *, k: int, t: Dtype | None = None) -> array",
    "op('minmax', [operand('a'), arrays('parts'), string('mode', 'affine'), int('k', undefined, { keywordOnly: true }), dtype('t', null, { keywordOnly: true })], {",
  ],
  ['def f() -> array', "op('minmax', [], {"],
])('%s becomes a row', (signature, row) => {
  expect(suggestedRow('mlx.core.minmax', signature).split('\n')[0]).toBe(row);
});

test('the report names what stands in the way', () => {
  const findings = {
    before,
    after,
    surface: difference(before, after),
    inCatalogue: new Set<string>(),
    mlxC: { version: '0.1.0', madeFor: '1.0.0' },
    mlxCErrors: ['ops.cpp:1: error: no'],
    addonErrors: [],
    missingSymbols: [],
    faultsGone: [],
  };
  expect(obstacles(findings)).toHaveLength(1);
  const page = reportPage(findings);
  expect(page).toContain('ops.cpp:1: error: no');
  expect(page).toContain("op('stft', [array('x')], {");
  expect(page).toContain('+ (n: int, k: int = 0)');
  expect(obstacles({ ...findings, mlxCErrors: [] })).toEqual([]);
});
