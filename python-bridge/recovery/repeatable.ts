import type { Argument } from '../../foundation/values/values.ts';
import type { Family, Operation } from '../../registry/operation.ts';
import { publicName } from '../../registry/registry.ts';
import { hasCallback } from '../wire/values.ts';

/** Families whose operations do something in the world, or depend on what it was like. */
const WORLDLY: ReadonlySet<Family> = new Set<Family>(['io', 'memory', 'stream', 'distributed', 'transform']);

/** Why a call with these arguments must not be made a second time; null if it gives the same again and does nothing else. */
export type WhyNotRepeatable = (args: readonly Argument[]) => string | null;

/** What there is to ask of an operation's calls; null: each may be made again. */
export function repeatRuleOf(operation: Operation): WhyNotRepeatable | null {
  const { family } = operation;
  if (family === 'user') {
    if (operation.pure !== true) return () => `${operation.name} is not registered with "pure: true"`;
    return (args) => (args.some(hasCallback) ? `${operation.name} was given a JavaScript function` : null);
  }
  if (WORLDLY.has(family)) return () => `${publicName(operation)} is not called a second time`;
  const key = operation.parameters.findIndex(({ kind }) => kind === 'key');
  if (family !== 'random' || key === -1) return null;
  return (args) => {
    if (args[key] !== null && args[key] !== undefined) return null;
    return `${publicName(operation)} had no key, so it would draw other numbers`;
  };
}
