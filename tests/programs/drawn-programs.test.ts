import { describe, expect, it } from 'vitest';
import { core as mx, registry } from '../../mlx/index.ts';
import { callOf, TensorRecipe } from '../../parity-tests/call.ts';
import { programOf } from '../../parity-tests/programs/check.ts';
import { fitted } from '../../parity-tests/programs/fit.ts';
import { countSteps, type Program, without } from '../../parity-tests/programs/program.ts';
import { runProgram } from '../../parity-tests/programs/run.ts';
import { programText } from '../../parity-tests/programs/text.ts';
import { askChild } from '../support/children.ts';

const check = new URL('../../parity-tests/programs/check.ts', import.meta.url).href;

/** Two calls, of which the second takes what the first gives. */
function chain(): Program {
  const call = (name: string, ...values: unknown[]) => callOf(registry.find(name)!, values, 9);
  const recipe = () => new TensorRecipe(mx.float32, [2], [1, 2]);
  return {
    steps: [
      { kind: 'call', call: call('add', recipe(), 1), sources: [null] },
      { kind: 'call', call: call('multiply', recipe(), 10), sources: [{ back: 0, raw: false }] },
    ],
  };
}

describe('programs', () => {
  it('of random operations in random transforms agree on native, on Python, in a pipeline, and mixed', async () => {
    const failures = await askChild<unknown[]>(`
      const { checkProgram } = await import(${JSON.stringify(check)});
      const failures = [];
      for (let seed = 1000; seed < 1030; seed++) failures.push(await checkProgram(seed));
      report(failures.filter((failure) => failure !== undefined));
      await shutdown();
    `);
    expect(failures).toEqual([]);
  });

  it('are the same for the same seed, and lose the steps that are left out', () => {
    expect(programText(programOf(5))).toBe(programText(programOf(5)));
    expect(programText(programOf(5))).not.toBe(programText(programOf(6)));
    const count = countSteps(programOf(5).steps);
    const none = without(programOf(5), new Set(Array.from({ length: count }, (_, i) => i)));
    expect(none.steps).toEqual([]);
  });

  it('pass values on', async () => {
    const { outcomes } = await runProgram(chain(), { sideOf: () => 'native' });
    expect(outcomes[1]).toMatchObject({
      contents: { items: [{ bytes: new Uint8Array(new Float32Array([20, 30]).buffer) }] },
    });
    const { outcomes: alone } = await runProgram(without(chain(), new Set([0])), { sideOf: () => 'native' });
    expect(alone[0]).toMatchObject({
      contents: { items: [{ bytes: new Uint8Array(new Float32Array([10, 20]).buffer) }] },
    });
  });

  it('fit what they have to what they need', () => {
    const recipe = new TensorRecipe(mx.int32, [2, 3], []);
    const list = (given: mx.Array) => fitted(given, given, recipe).tolist();
    expect(list(mx.array([1, 2, Number.NaN, 1e9]))).toEqual([
      [1, 2, 0],
      [0, 1, 2],
    ]);
    expect(list(mx.zeros([0]))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(list(mx.array(new Int32Array(8).fill(-5)))).toEqual([
      [-5, -5, -5],
      [-5, -5, -5],
    ]);
  });
});
