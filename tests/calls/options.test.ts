import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, configure, core as mx, registry, shutdown } from '../../mlx/index.ts';

beforeAll(() => configure({ pythonModules: ['bridge_functions'], pythonFolders: ['python-bridge/test-support'] }));
afterAll(() => shutdown());

const keywords = registry.register({ name: 'options.keywords', python: 'bridge_functions:keywords' });
const x = mx.array([1, 2]);
const any = (value: unknown) => value as never;
const wrong = { signal: {} } as never;
const controller = { signal: new AbortController() } as never;

describe('a wrong option is refused at once, with what was expected', () => {
  it.each([
    ['callAsync', () => registry.callAsync('add', x, x, wrong), 'mx.add: expected an AbortSignal for "signal"'],
    ['callAsync', () => registry.callAsync('add', x, x, controller), 'mx.add: expected an AbortSignal'],
    ['callAsync', () => registry.callAsync('add', x, x, any({ signall: 1 })), 'signall'],
    ['a user operation', () => keywords.async(1, controller), 'options.keywords: expected an AbortSignal for "signal"'],
    ['data', () => x.data(wrong), 'mx.array.data: expected an AbortSignal for "signal"'],
    ['data', () => x.data(any({ sginal: 1 })), 'no option is named "sginal" (did you mean "signal"?)'],
    ['asyncEval', () => mx.asyncEval(x, wrong), 'mx.asyncEval: expected an AbortSignal for "signal"'],
    ['asyncEval', () => mx.asyncEval(x, any({ signal: AbortSignal.timeout(9), more: 1 })), 'no option is named "more"'],
    [
      'import',
      () => mx.python.import('mlx.core', any({ besides: x })),
      'mx.python.import: no option is named "besides"',
    ],
    ['import', () => mx.python.import('mlx.core', controller), 'mx.python.import: expected an AbortSignal'],
    ['kwargs', async () => mx.python.kwargs({}, wrong), 'mx.python.kwargs: expected an AbortSignal for "signal"'],
    [
      'kwargs',
      async () => mx.python.kwargs({}, any({ timeout: 1 })),
      'no option is named "timeout" (did you mean "timeoutMs"?)',
    ],
    ['kwargs', async () => mx.python.kwargs({}, { timeoutMs: 0 }), 'expected milliseconds from 1 up for "timeoutMs"'],
    [
      'keep',
      async () => mx.python.keep('a', 'b:c', any({ batches: {} })),
      'mx.python.keep: no option is named "batches"',
    ],
    [
      'keep',
      async () => mx.python.keep('a', 'b:c', any({ batch: 8 })),
      'mx.python.keep: expected options in an object',
    ],
    [
      'pipeline',
      async () => mx.pipeline(() => 1, any({ callSite: 'all' })),
      'mx.pipeline: no option is named "callSite"',
    ],
    ['shutdown', () => shutdown(any({ grace: 1 })), 'shutdown: no option is named "grace"'],
  ] as const)('%s %#', async (_, use, text) => {
    const error = await (use() as Promise<unknown>).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ArgumentError);
    expect(String(error)).toContain(text);
  });
});

describe('what only looks like an option is none', () => {
  it('a keyword of that name of a Python function, or an array of that name', async () => {
    expect(await keywords.async(1, { signal: [2, 3] })).toEqual([[1], { signal: [2, 3] }]);
    await mx.asyncEval({ signal: mx.add(x, 1) });
    await mx.asyncEval(x, { signal: undefined });
    expect(((await registry.callAsync('add', x, x, { signal: undefined })) as mx.Array).tolist()).toEqual([2, 4]);
  });
});
