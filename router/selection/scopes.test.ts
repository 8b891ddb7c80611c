import { beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { routing } from '../test-support/routing.ts';

let { a, call, make, router, ways } = routing();

beforeEach(() => {
  ({ a, call, make, router, ways } = routing());
});

describe('a scope', () => {
  it('nests, and ends when its function throws', () => {
    router.withImplementation('python', () => {
      router.withImplementation('native', () => call('sum', a));
      call('sum', a);
    });
    expect(() =>
      router.withImplementation('python', () => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    call('sum', a);
    expect(ways().sort()).toEqual(['native ported', 'native scoped', 'python scoped']);
  });

  it('of an asynchronous function is its own: other calls meanwhile go their way', async () => {
    const inside = router.withImplementation('python', async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      call('sum', a);
      await router.withImplementation('native', async () => {
        await null;
        call('prod', a);
      });
      call('max', a);
    });
    call('min', a);
    await inside;
    call('mean', a);
    const byName = router.telemetry
      .tallies()
      .map(({ operation, implementation, reason }) => [operation, implementation, reason]);
    expect(byName.sort()).toEqual([
      ['max', 'python', 'scoped'],
      ['mean', 'native', 'ported'],
      ['min', 'native', 'ported'],
      ['prod', 'native', 'scoped'],
      ['sum', 'python', 'scoped'],
    ]);
  });

  it('ends when its promise rejects', async () => {
    await expect(router.withImplementation('python', async () => Promise.reject(new Error('mine')))).rejects.toThrow(
      'mine',
    );
    call('sum', a);
    expect(ways()).toEqual(['native ported']);
  });

  it('makes new tensors on its side', () => {
    expect(router.withImplementation('python', () => make()).python).not.toBeNull();
  });

  it('refuses a backend that there is not, and what is no function', () => {
    expect(() => router.withImplementation('gpu' as never, () => 1)).toThrow(ArgumentError);
    expect(() => router.withImplementation(10n as never, () => 1)).toThrow(ArgumentError);
    expect(() => router.withImplementation('native', 1 as never)).toThrow(ArgumentError);
  });
});
