import {
  type AddedBackend,
  BackendUnavailableError,
  type Implementation,
  UnsupportedOperationError,
} from '../../foundation/errors/errors.ts';
import type { Configuration } from '../settings/settings.ts';

export const REASONS = [
  'forced',
  'scoped',
  'override',
  'ported',
  'unported',
  'native-unavailable',
  'preferred',
  'python-unavailable',
] as const;
/**
 * Why a call went the way it did. `preferred`: Python, because `preferNative` is off, or a backend that was added.
 * `transform-unported`: a transform, because its function calls what is not ported.
 */
export type Reason = (typeof REASONS)[number] | 'transform-unported';

export interface Decision {
  readonly implementation: Implementation;
  readonly reason: Reason;
}

/** What is known of one operation when a call has to go somewhere. */
export interface Candidate {
  /** The public name, for errors. */
  readonly name: string;
  readonly qualified: string;
  readonly family: string;
  /** Whether each backend has the operation. */
  readonly ported: boolean;
  readonly hasPython: boolean;
  /** Why a backend cannot be used at all; undefined when it can, or when it has not been tried yet. */
  readonly nativeProblem: string | undefined;
  readonly pythonProblem: string | undefined;
  /** Why native is not ported, from the catalogue. */
  readonly nativeReason: string | undefined;
  /** Why Python does not have it, from the catalogue. */
  readonly pythonReason?: string | undefined;
  /** The backends that were added, in their order; absent: none. */
  readonly added?: readonly AddedCandidate[];
}

export interface AddedCandidate {
  readonly implementation: AddedBackend;
  readonly hasOperation: boolean;
  readonly problem: string | undefined;
}

/** First match wins: forced, scoped, overridden, then the policy. A forced choice never falls back. */
export function select(
  candidate: Candidate,
  configuration: Configuration,
  forced: Implementation | undefined,
  scoped: Implementation | undefined,
): Decision {
  if (forced !== undefined) return wanted(candidate, forced, 'forced');
  if (scoped !== undefined) return wanted(candidate, scoped, 'scoped');
  const overrides = configuration.implementationOverrides;
  const override = overrides[candidate.qualified] ?? overrides[candidate.family];
  if (override !== undefined) return wanted(candidate, override, 'override');

  const added = candidate.added?.find(({ hasOperation, problem }) => hasOperation && problem === undefined);
  if (added !== undefined) return { implementation: added.implementation, reason: 'preferred' };
  const reason = whyNotNative(candidate);
  if (!configuration.preferNative && pythonUsable(candidate)) return { implementation: 'python', reason: 'preferred' };
  if (reason === undefined) {
    return { implementation: 'native', reason: configuration.preferNative ? 'ported' : 'python-unavailable' };
  }
  if (configuration.allowFallback && pythonUsable(candidate)) return { implementation: 'python', reason };
  throw unusable(candidate, configuration, reason);
}

function whyNotNative(candidate: Candidate): Reason | undefined {
  if (candidate.nativeProblem !== undefined) return 'native-unavailable';
  return candidate.ported ? undefined : 'unported';
}

function pythonUsable(candidate: Candidate): boolean {
  return candidate.hasPython && candidate.pythonProblem === undefined;
}

function wanted(candidate: Candidate, implementation: Implementation, reason: Reason): Decision {
  const { name, nativeProblem, pythonProblem } = candidate;
  const what = candidate.family === 'model' ? 'architecture' : 'operation';
  const added = candidate.added?.find((one) => one.implementation === implementation);
  const problem = added !== undefined ? added.problem : implementation === 'native' ? nativeProblem : pythonProblem;
  if (problem !== undefined) {
    throw new BackendUnavailableError(`the ${implementation} backend is ${reason}, but not available: ${problem}`, {
      operation: name,
      implementation,
    });
  }
  if (added?.hasOperation === false) {
    throw new UnsupportedOperationError(
      `${implementation} is ${reason}, but does not have the ${what}; leave out the choice, or choose another backend`,
      { operation: name, implementation },
    );
  }
  if (implementation === 'python' && !candidate.hasPython) {
    const why = candidate.pythonReason === undefined ? '' : ` (${candidate.pythonReason})`;
    throw new UnsupportedOperationError(`python is asked for, but the ${what} has no Python implementation${why}`, {
      operation: name,
      implementation,
    });
  }
  if (implementation === 'native' && !candidate.ported) {
    const why = candidate.nativeReason === undefined ? '' : ` (${candidate.nativeReason})`;
    const otherwise = candidate.hasPython
      ? "leave out the choice, or pass implementation: 'python'"
      : 'it has no Python implementation either';
    throw new UnsupportedOperationError(`native is asked for, but the ${what} is not ported${why}; ${otherwise}`, {
      operation: name,
      implementation,
    });
  }
  return { implementation, reason };
}

function unusable(candidate: Candidate, configuration: Configuration, reason: Reason): Error {
  const details = { operation: candidate.name };
  if (!candidate.hasPython) {
    if (reason === 'native-unavailable') {
      return new BackendUnavailableError(candidate.nativeProblem ?? 'native is not available', details);
    }
    return new UnsupportedOperationError(
      `no backend can run it: native is ${reason}, Python does not have it`,
      details,
    );
  }
  if (!configuration.allowFallback) {
    return new UnsupportedOperationError(`native cannot run it (${reason}), and allowFallback is off`, details);
  }
  const why = candidate.nativeProblem ?? `native cannot run it (${reason})`;
  return new BackendUnavailableError(
    `${why}, and Python is not available: ${candidate.pythonProblem ?? 'unknown reason'}`,
    details,
  );
}
