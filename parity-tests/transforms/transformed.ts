import { type Implementation, MlxRouterError } from '../../foundation/errors/errors.ts';
import type { Call, TensorRecipe } from '../call.ts';
import type { Outcome } from '../compare.ts';
import { contents } from '../sides.ts';
import type { Kind } from './kinds.ts';
import { onNative } from './native.ts';
import { onPython } from './python.ts';

/** The error without the name of what it was raised in: the operation here, the transform or the helper there. */
function refusal(error: unknown): Outcome {
  if (!(error instanceof Error)) throw error;
  if (!(error instanceof MlxRouterError))
    return { kind: 'error', name: error.name, code: null, message: error.message };
  const { operation, code, name } = error;
  const message = operation === undefined ? error.message : error.message.slice(operation.length + 2);
  return { kind: 'error', name, code, message };
}

/** What the transform of the call gives on that side, an error included. */
export function transformedOn(side: Implementation, kind: Kind, call: Call, places: readonly TensorRecipe[]): Outcome {
  try {
    const results = side === 'native' ? onNative(kind, call, places) : onPython(kind, call, places);
    return { kind: 'result', contents: contents(results) };
  } catch (error) {
    return refusal(error);
  }
}
