import { describe, expect, it } from 'vitest';
import { attack, type FoundFault, type Result } from './campaign.ts';
import { corpus } from './corpus.ts';
import { draw } from './draw.ts';
import { lineOf } from './line.ts';
import { describeFault, figures } from './report.ts';
import { runSteps } from './run.ts';
import { compileStep } from './scope.ts';
import { shorterSteps, shrink } from './shrink.ts';

/** Runs programs that are given, on native, and no others. */
function attackWith(...programs: string[][]): Promise<Result> {
  return attack({
    seed: 1,
    drawMs: 0,
    shrinkMs: 60_000,
    sides: ['native'],
    processes: 1,
    hangMs: 5000,
    memory: 4 * 2 ** 30,
    corpus: programs.map((steps) => ({ was: 'planted', steps })),
  });
}

const noise = ['v[0] = mx.ones([3])', 'mx.add(v[0], 1)'];

describe('planted faults', () => {
  it('are found, distinguished, made small, and do not keep the programs after them from being run', {
    timeout: 900_000,
  }, async () => {
    const result = await attackWith(
      [...noise, 'process.abort()', 'mx.eval(v[0])'],
      ['(() => { for (;;); })()'],
      [...noise, 'void Promise.reject(new Error("planted"))', 'await soon()'],
      ['queueMicrotask(() => { throw new TypeError("planted") })', 'await soon()'],
      ['v[0] = mx.add(mx.ones([2]), mx.ones([3]))', 'undefined.nothing', 'mx.eval(mx.ones([2]))'],
    );
    const found = (kind: FoundFault['kind']) => result.faults.filter((fault) => fault.kind === kind);
    expect(found('crash')).toMatchObject([
      { message: 'SIGABRT', steps: ['process.abort()'] },
      { message: expect.stringMatching(/^exit code 1: TypeError: planted at .*compileStep/) },
    ]);
    expect(found('hang')).toMatchObject([{ steps: ['(() => { for (;;); })()'] }]);
    expect(found('unhandled rejection')).toMatchObject([{ message: 'Error: planted', repeats: true }]);
    expect(result.faults).toHaveLength(4);
    // Those that ended are counted, with the step that ended them; shrinking is not.
    expect(result.tally).toMatchObject({
      programs: 5,
      calls: 3 + 1 + 4 + 2 + 3,
      typed: 1,
      own: 1,
      untyped: 0,
      unhandled: 1,
    });
    expect(figures(result)).toMatchObject({ crashes: 2, hangs: 1, 'ends for memory': 0 });
    expect(describeFault(found('crash')[0]!)).toContain('process.abort();');
  });

  it('of memory without end stop at the limit', async () => {
    const { faults, tally } = await attackWith(['mx.eval(mx.ones([2147483647, 2]))'], noise);
    expect({ faults, answered: tally.answered }).toEqual({ faults: [], answered: 2 });
    expect(tally.typed).toBe(1);
  });
});

describe('a program', () => {
  it('is the same for the same seed, and every step of it can be compiled', () => {
    for (let seed = 0; seed < 200; seed++) {
      const steps = draw(seed);
      expect(draw(seed)).toEqual(steps);
      for (const step of steps) expect(() => compileStep(step), step).not.toThrow();
    }
  });

  it('distinguishes errors of its own from untyped ones of the library', async () => {
    const { tally, faults } = await runSteps([
      'mx.ones("x")',
      'undefined.own',
      'mx.tidy(() => { throw new Error("own"); })',
      'Promise.reject(new Error("own"))',
      '(JSON.parse("[".repeat(20000) + "]".repeat(20000))).toString()',
      'v[0] = await mx.asyncEval(mx.ones([2]))',
    ]);
    expect(faults).toEqual([]);
    expect(tally).toMatchObject({ calls: 6, typed: 1, own: 4, answered: 1, untyped: 0 });
  });

  it('is one line of TypeScript', () => {
    expect(lineOf(['mx.tri(9, 0)'])).toBe("import { core as mx } from './mlx/index.ts'; mx.tri(9, 0);");
    expect(lineOf(['v[0] = mx.ones([2])', 'await soon()'])).toBe(
      "import { run, scope } from './fuzz/run.ts'; const { mx, v, soon } = scope; " +
        'await run(() => (v[0] = mx.ones([2])), async () => (await soon()));',
    );
  });
});

describe('shrinking', () => {
  it('leaves out steps and arguments until what is left is needed', async () => {
    const steps = ['v[0] = mx.ones([3])', 'mx.add(mx.sum(bad(1, [2, 3]), "a, (b"), v[0])', 'mx.eval(v[0])'];
    const hasFault = async (some: readonly string[]) => some.some((step) => step.includes('bad('));
    expect(await shrink(steps, hasFault, () => false)).toEqual(['mx.add(bad())']);
  });

  it('tries only what is shorter, so that it ends', () => {
    const step = 'f(mx.array([1, 2]), { a: [3, "x"], b: g() })';
    const tried = [...shorterSteps(step)];
    expect(tried).toContain('f({ a: [3, "x"], b: g() })');
    expect(tried.filter((text) => text.length >= step.length)).toEqual([]);
  });

  it('stops when its time is up', async () => {
    expect(
      await shrink(
        ['a', 'b'],
        async () => true,
        () => true,
      ),
    ).toEqual(['a', 'b']);
  });
});

describe('the corpus', () => {
  it('holds programs that can be compiled, each once', () => {
    const remembered = corpus();
    expect(remembered.length).toBeGreaterThan(20);
    for (const { was, steps } of remembered) {
      expect(was).toMatch(/^(crash|hang|memory|untyped error|unhandled rejection): /);
      for (const step of steps) expect(() => compileStep(step), step).not.toThrow();
    }
    const texts = remembered.map(({ steps }) => JSON.stringify(steps));
    expect(new Set(texts).size).toBe(texts.length);
  });
});
