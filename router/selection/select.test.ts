import { describe, expect, it } from 'vitest';
import {
  BackendUnavailableError,
  type Implementation,
  UnsupportedOperationError,
} from '../../foundation/errors/errors.ts';
import { DEFAULTS } from '../settings/configuration.ts';
import type { Configuration } from '../settings/settings.ts';
import { type Candidate, REASONS, select } from './select.ts';

const usual: Candidate = {
  name: 'mx.linalg.svd',
  qualified: 'linalg.svd',
  family: 'linalg',
  ported: true,
  hasPython: true,
  nativeProblem: undefined,
  pythonProblem: undefined,
  nativeReason: undefined,
};
const unported = { ...usual, ported: false, nativeReason: 'no C function' };

interface Case {
  readonly candidate?: Partial<Candidate>;
  readonly configuration?: Partial<Configuration>;
  readonly forced?: Implementation;
  readonly scoped?: Implementation;
}

function choose({ candidate, configuration, forced, scoped }: Case) {
  const { implementation, reason } = select(
    { ...usual, ...candidate },
    { ...DEFAULTS, ...configuration },
    forced,
    scoped,
  );
  return `${implementation} ${reason}`;
}

const DECISIONS: [string, Case, string][] = [
  ['the call itself', { forced: 'python', scoped: 'native' }, 'python forced'],
  ['the call against the scope and the override', { forced: 'native', scoped: 'python' }, 'native forced'],
  [
    'the scope',
    { scoped: 'python', configuration: { implementationOverrides: { linalg: 'native' } } },
    'python scoped',
  ],
  ['the scope, native', { scoped: 'native' }, 'native scoped'],
  [
    'an override of the operation',
    { configuration: { implementationOverrides: { 'linalg.svd': 'python' } } },
    'python override',
  ],
  [
    'an override of the family',
    { configuration: { implementationOverrides: { linalg: 'python' } } },
    'python override',
  ],
  [
    'the operation before its family',
    { configuration: { implementationOverrides: { linalg: 'python', 'linalg.svd': 'native' } } },
    'native override',
  ],
  ['another override', { configuration: { implementationOverrides: { fft: 'python' } } }, 'native ported'],
  ['nothing', {}, 'native ported'],
  ['nothing, unported', { candidate: unported }, 'python unported'],
  ['nothing, no addon', { candidate: { nativeProblem: 'not built' } }, 'python native-unavailable'],
  ['nothing, with preferNative off', { configuration: { preferNative: false } }, 'python preferred'],
  [
    'nothing, with preferNative off and no Python',
    { configuration: { preferNative: false }, candidate: { pythonProblem: 'none' } },
    'native python-unavailable',
  ],
  [
    'nothing, with preferNative off and no Python function',
    { configuration: { preferNative: false }, candidate: { hasPython: false } },
    'native python-unavailable',
  ],
];

describe('select', () => {
  it.each(DECISIONS)('decides by %s', (_, given, decision) => {
    expect(choose(given)).toBe(decision);
  });

  it('is tested for every reason that there is', () => {
    const tested = new Set(DECISIONS.map(([, , decision]) => decision.split(' ')[1]));
    expect([...tested].sort()).toEqual([...REASONS].sort());
  });

  const refused = (given: Case) => {
    try {
      return choose(given);
    } catch (error) {
      return error as Error;
    }
  };

  it('never falls back from a forced native, and names the alternatives', () => {
    const error = refused({ candidate: unported, forced: 'native' });
    expect(error).toBeInstanceOf(UnsupportedOperationError);
    expect((error as Error).message).toBe(
      "mx.linalg.svd: native is asked for, but the operation is not ported (no C function); leave out the choice, or pass implementation: 'python'",
    );
    expect(refused({ candidate: { ...unported, hasPython: false }, scoped: 'native' })).toBeInstanceOf(
      UnsupportedOperationError,
    );
    expect(
      refused({ candidate: unported, configuration: { implementationOverrides: { linalg: 'native' } } }),
    ).toBeInstanceOf(UnsupportedOperationError);
  });

  it('says what is wrong with a forced backend that is not there', () => {
    for (const given of [
      { candidate: { nativeProblem: 'not built' }, forced: 'native' },
      { candidate: { pythonProblem: 'not built' }, forced: 'python' },
    ] as const) {
      const error = refused(given);
      expect(error).toBeInstanceOf(BackendUnavailableError);
      expect((error as Error).message).toContain(`the ${given.forced} backend is forced, but not available: not built`);
    }
  });

  it('refuses a forced Python where there is no Python function', () => {
    expect(refused({ candidate: { hasPython: false }, forced: 'python' })).toBeInstanceOf(UnsupportedOperationError);
  });

  it.each([
    [
      'allowFallback is off',
      { candidate: unported, configuration: { allowFallback: false } },
      UnsupportedOperationError,
    ],
    ['there is no Python', { candidate: { ...unported, pythonProblem: 'none found' } }, BackendUnavailableError],
    ['there is neither', { candidate: { nativeProblem: 'x', pythonProblem: 'none found' } }, BackendUnavailableError],
    [
      'a port of the user alone is missing',
      { candidate: { ...unported, hasPython: false } },
      UnsupportedOperationError,
    ],
    [
      'there is no addon and no Python function',
      { candidate: { nativeProblem: 'x', hasPython: false } },
      BackendUnavailableError,
    ],
  ] as const)('refuses where native cannot and %s', (_, given, type) => {
    expect(refused(given)).toBeInstanceOf(type);
  });
});
