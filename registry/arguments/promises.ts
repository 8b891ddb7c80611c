import { types } from 'node:util';
import { isPlain } from '../../foundation/values/containers.ts';

/** Deeper, or with more parts, nothing is looked into: who refuses a value may not take long over it. */
const DEEPEST = 16;
const MOST_PARTS = 10_000;

/**
 * For a promise that may never be awaited, or a refused value, lists and objects too, that may hold some. A rejection
 * would otherwise end the process, although the error is reported elsewhere.
 */
export function disregard(value: unknown): void {
  let left = MOST_PARTS;
  const walk = (part: unknown, depth: number): void => {
    if (--left < 0 || typeof part !== 'object' || part === null || depth > DEEPEST) return;
    if (types.isPromise(part)) Promise.prototype.then.call(part, undefined, () => undefined);
    else if (Array.isArray(part)) for (let i = 0; i < part.length && left > 0; i++) walk(part[i], depth + 1);
    else if (isPlain(part)) for (const item of Object.values(part)) walk(item, depth + 1);
  };
  try {
    walk(value, 0);
  } catch {
    // A getter or a proxy of the caller's threw.
  }
}
