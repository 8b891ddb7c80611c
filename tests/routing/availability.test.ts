import { describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

const NO_ADDON = { MLX_ROUTER_ADDON: 'off' };
const NO_PYTHON = { MLX_ROUTER_PYTHON: '/nonexistent/python' };

/** What each of a few calls comes to: the values, or the class and message of the error. */
const CALLS = `
  const attempt = (run) => {
    try {
      return run();
    } catch (error) {
      return [error.constructor.name, error instanceof library.MlxRouterError, error.message];
    }
  };
  const a = () => mx.array([1, 2, 3]);
  const kron = library.registry.register({ name: 'own.kron', python: 'mlx.core:kron' });
  report({
    ported: attempt(() => mx.add(a(), 1).tolist()),
    unported: attempt(() => kron(a(), a()).tolist()),
    native: attempt(() => mx.add(a(), 1, { implementation: 'native' }).tolist()),
    python: attempt(() => mx.add(a(), 1, { implementation: 'python' }).tolist()),
    unportedNative: attempt(() => kron(a(), a(), { implementation: 'native' }).tolist()),
    reasons: routing.table().map(({ operation, implementation, reason }) => [operation, implementation, reason].join(' ')),
  });
  await shutdown();
`;

interface Report {
  readonly ported: unknown;
  readonly unported: unknown;
  readonly native: unknown;
  readonly python: unknown;
  readonly unportedNative: unknown;
  readonly reasons: readonly string[];
}

const KRON = [1, 2, 3, 2, 4, 6, 3, 6, 9];
const error = (name: string, text: string) => [name, true, expect.stringContaining(text)];

describe('with both backends', () => {
  it('every call that should run does', async () => {
    const report = await askChild<Report>(CALLS);
    expect(report).toMatchObject({ ported: [2, 3, 4], unported: KRON, native: [2, 3, 4], python: [2, 3, 4] });
    expect(report.unportedNative).toEqual(error('UnsupportedOperationError', "implementation: 'python'"));
    expect(report.reasons).toContain('own.kron python unported');
    expect(report.reasons).toContain('add native ported');
  });
});

describe('without the addon', () => {
  it('everything runs in Python, and forced native says why it cannot', async () => {
    const report = await askChild<Report>(CALLS, NO_ADDON);
    expect(report).toMatchObject({ ported: [2, 3, 4], unported: KRON, python: [2, 3, 4] });
    expect(report.native).toEqual(error('BackendUnavailableError', 'MLX_ROUTER_ADDON=off'));
    // A user's operation lacks the port, not the addon.
    expect(report.unportedNative).toEqual(error('UnsupportedOperationError', 'not ported'));
    expect(report.reasons).toContain('add python native-unavailable');
  });

  it("a user's operation without a port lacks the port, not the addon", async () => {
    const reasons = await askChild<string[]>(
      `
      const negative = library.registry.register({ name: 'own.negative', python: 'operator:neg' });
      negative(mx.array([1])).tolist();
      report(routing.table().map(({ operation, reason }) => operation + ' ' + reason));
      await shutdown();
      `,
      NO_ADDON,
    );
    expect(reasons).toContain('own.negative unported');
  });

  it('a file that is no addon is named', async () => {
    const report = await askChild<Report>(CALLS, { MLX_ROUTER_ADDON: '/nonexistent/addon.node' });
    expect(report.native).toEqual(error('BackendUnavailableError', '/nonexistent/addon.node'));
    expect(report.ported).toEqual([2, 3, 4]);
  });
});

describe('without Python', () => {
  it('what is ported runs, and the rest says what is missing', async () => {
    const report = await askChild<Report>(CALLS, NO_PYTHON);
    expect(report).toMatchObject({ ported: [2, 3, 4], native: [2, 3, 4] });
    expect(report.unported).toEqual(error('BackendUnavailableError', '/nonexistent/python'));
    expect(report.python).toEqual(error('BackendUnavailableError', '/nonexistent/python'));
  });
});

describe('without either', () => {
  it('every call says so, the import included nothing', async () => {
    const report = await askChild<Report>(CALLS, { ...NO_ADDON, ...NO_PYTHON });
    for (const call of ['ported', 'unported', 'native', 'python', 'unportedNative'] as const) {
      expect(report[call], call).toEqual(error('BackendUnavailableError', ''));
    }
  });
});

describe('the environment', () => {
  it('routes as configure does', async () => {
    const report = await askChild<Report>(CALLS, {
      MLX_ROUTER_OVERRIDES: 'add=python',
      MLX_ROUTER_ALLOW_FALLBACK: '0',
    });
    expect(report.reasons).toContain('add python override');
    expect(report.unported).toEqual(error('UnsupportedOperationError', 'allowFallback is off'));
  });

  it('may override an operation of the user, and warns of one that is never registered', async () => {
    const report = await askChild<readonly [string[], string[]]>(
      `
      const warnings = [];
      process.on('warning', ({ message }) => warnings.push(message));
      const twice = library.registry.register({ name: 'own.twice', python: 'operator:neg', native: (x) => mx.add(x, x) });
      const values = twice(mx.array([1])).tolist();
      mx.eval(mx.array([1]));
      await new Promise((resolve) => setTimeout(resolve, 10));
      report([[...values, ...routing.table().map(({ operation, reason }) => operation + ' ' + reason)], warnings]);
      await shutdown();
      `,
      { MLX_ROUTER_OVERRIDES: 'own.twice=python,own.none=python' },
    );
    expect(report[0]).toEqual(expect.arrayContaining([-1, 'own.twice override']));
    expect(report[1]).toEqual(['MLX_ROUTER_OVERRIDES: no operation is named "own.none" so far']);
  });

  it('is refused at the import where it is wrong', async () => {
    await expect(askChild(CALLS, { MLX_ROUTER_POOL_SIZE: 'many' })).rejects.toThrow(
      /ConfigurationError.*MLX_ROUTER_POOL_SIZE/s,
    );
  });
});
