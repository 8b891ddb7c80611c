import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Dtype, type DtypeName, dtypeNamed } from '../../foundation/values/dtypes.ts';
import { lengthOf, writeLayout } from '../../foundation/values/index-layout.ts';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { pythonPath } from '../support/python.ts';
import { type Expression, expressions, type PartRecipe, sizeOf } from './expressions.ts';

type Answer = { shape: number[]; dtype: string; bytes: string; text: string } | { error: string; message: string };

const RUNS = 4000;

function plainPython(list: readonly Expression[]): (Answer | null)[] {
  const script = fileURLToPath(new URL('./plain.py', import.meta.url));
  const output = execFileSync(pythonPath(), [script], {
    input: JSON.stringify(list),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(output) as (Answer | null)[];
}

const named = (name: DtypeName) => dtypeNamed(name) as Dtype;

function tensor(elements: readonly number[], shape: readonly number[], dtype: DtypeName) {
  return mx.array(elements, mx.float32).astype(named(dtype)).reshape(shape);
}

function part(recipe: PartRecipe) {
  if ('number' in recipe) return recipe.number;
  if ('slice' in recipe) return mx.Slice(...(recipe.slice as [number | null, number | null, number | null]));
  if ('word' in recipe) return recipe.word === 'none' ? null : '...';
  if ('list' in recipe) return recipe.list as number[];
  if ('mask' in recipe) return mx.array(recipe.mask, mx.bool).reshape(recipe.shape);
  return mx.array(recipe.tensor, named(recipe.dtype)).reshape(recipe.shape);
}

/** What a written value may broadcast to, for drawing; the shape of the array where the parts do not go together. */
function targetOf(shape: readonly number[], parts: readonly PartRecipe[]): readonly number[] {
  const [first] = parts;
  if (first !== undefined && 'mask' in first) {
    return [first.mask.filter(Boolean).length, ...shape.slice(first.shape.length)];
  }
  const plain = parts.map((recipe) => {
    const made = 'tensor' in recipe || 'list' in recipe ? recipe : part(recipe);
    return made as { tensor?: number[] } | mx.Slice | number | null | '...';
  });
  const clamped = plain.map((p, i) => {
    if (!(p instanceof mx.Slice)) return p;
    const rest = plain.slice(0, i).includes('...');
    const after = plain.slice(i).filter((other) => other !== null && other !== '...').length;
    const before = plain.slice(0, i).filter((other) => other !== null && other !== '...').length;
    const size = shape[rest ? shape.length - after : before] ?? 0;
    const length = Array.from({ length: size }).slice(p.start ?? undefined, p.stop ?? undefined).length;
    return mx.Slice(0, (p.step ?? 1) > 0 ? Math.ceil(length / (p.step ?? 1)) : length, 1);
  });
  const layout = writeLayout(clamped as never, shape, (recipe: PartRecipe) => {
    return 'tensor' in recipe ? recipe.shape : [2];
  });
  return layout === undefined ? shape : layout.dimensions.map(lengthOf);
}

function evaluate({ how, shape, dtype, parts, value }: Expression) {
  const x = mx
    .arange(1, 1 + sizeOf(shape))
    .reshape(shape)
    .astype(named(dtype));
  const index = parts.map(part);
  if (how === 'get') return x.index(...index);
  const given = 'scalar' in value ? value.scalar : tensor(value.elements, value.shape, value.dtype);
  if (how === 'put') return x.indexPut_(index, given);
  return x.at(...index)[how](given);
}

function ours(expression: Expression, implementation: 'native' | 'python'): Answer {
  return mx.withImplementation(implementation, () => {
    try {
      const result = evaluate(expression);
      const values = result.toTypedArray();
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
      return { shape: [...result.shape], dtype: result.dtype.name, bytes, text: String(result) };
    } catch (error) {
      return { error: (error as Error).name, message: (error as Error).message };
    }
  });
}

afterAll(() => shutdown());

describe('an index', () => {
  it(`gives what Python's own gives, reading and writing, for ${RUNS} expressions`, () => {
    const list = fc.sample(expressions(targetOf), { numRuns: RUNS, seed: 20260401 });
    const expected = plainPython(list);
    const different: unknown[] = [];
    let failing = 0;
    for (const [i, expression] of list.entries()) {
      const python = expected[i] as Answer | null;
      const [native, bridged] = [ours(expression, 'native'), ours(expression, 'python')];
      if (python === null) {
        // Only ours answer: an error where the value does not fit, otherwise the array as it was.
        expect(native).toEqual(bridged);
        continue;
      }
      if ('error' in python) {
        failing++;
        if (!('error' in native && 'error' in bridged)) different.push({ expression, python, native, bridged });
        else expect(native.error, JSON.stringify([native, bridged])).toBe(bridged.error);
        continue;
      }
      if (JSON.stringify(native) !== JSON.stringify(python) || JSON.stringify(bridged) !== JSON.stringify(python)) {
        different.push({ expression, python, native, bridged });
      }
    }
    expect(different.slice(0, 3)).toEqual([]);
    expect(different.length).toBe(0);
    // Most expressions have to be right ones, or nothing was shown.
    expect(failing).toBeLessThan(RUNS / 4);
  }, 600_000);
});
