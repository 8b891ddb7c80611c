import type { MlxRouterError } from '../../foundation/errors/errors.ts';
import { Lost, type Origin } from './origin.ts';

/** Why a tensor could not be brought back, as the end of a sentence; nothing where it was not tried. */
export function whyLost(origin: Origin | null): string {
  return origin?.how instanceof Lost ? `; it cannot be made again: ${origin.how.reason}` : '';
}

/** What the tensor holds in place of values, since an operation of a pipeline failed. */
export function errorIn(origin: Origin | null): MlxRouterError | undefined {
  const failure = origin?.how instanceof Lost ? origin.how.failure : null;
  if (failure === null) return undefined;
  failure.seen = true;
  return failure.error;
}
