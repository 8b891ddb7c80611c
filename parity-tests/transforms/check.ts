import fc from 'fast-check';
import { core as mx } from '../../mlx/index.ts';
import { Dtype } from '../../registry/dtypes.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { calls } from '../arbitraries/calls.ts';
import { type Call, TensorRecipe } from '../call.ts';
import { seedOf } from '../check.ts';
import { compareOutcomes } from '../compare.ts';
import { type Kind, placesOf, registerHelper, transformedOn } from './transformed.ts';

/** Operations whose transforms the two sides cannot be asked for alike, with the reason. */
const NOT_ALIKE: Readonly<Record<string, string>> = {
  divmod: 'the function of the catalogue has rules of its own beside MLX’s, which differ in where vmap refuses',
  trace: 'jvp and vmap of some calls are refused natively and not by Python; the cause is not known yet',
};

export interface TransformReport {
  readonly name: string;
  /** Transforms that gave results, or that both sides refused. */
  readonly results: number;
  readonly refusals: number;
  readonly differences: readonly string[];
}

/** Compiling builds kernels, seconds each; the others are quick. */
export const QUICK_KINDS: readonly Kind[] = ['vjp', 'second vjp', 'jvp', 'vmap'];

/** Whether Python’s own function takes the very arguments: a bare number beside arrays is typed by this library. */
function isPlain(value: unknown): boolean {
  if (value instanceof TensorRecipe || value instanceof Dtype) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return value === null || ['string', 'boolean'].includes(typeof value) || Number.isInteger(value);
}

function isComparable(call: Call): boolean {
  const { parameters } = call.operation;
  const isTyped = call.positional.every((value, i) => {
    const kind = parameters[Math.min(i, parameters.length - 1)]?.kind;
    return value instanceof TensorRecipe || (kind !== 'operand' && isPlain(value));
  });
  return isTyped && Object.values(call.keywords).every(isPlain) && placesOf(call).length > 0;
}

export function hasTransforms(operation: Operation): boolean {
  // Indices are typed and checked by this library before MLX sees them.
  if (operation.family === 'indexing') return false;
  return !(qualifiedName(operation) in NOT_ALIKE) && !operation.parameters.some(({ kind }) => kind === 'key');
}

/** Takes transforms of generated calls of the operation on both sides, and holds every bit against the other’s. */
export function checkTransforms(
  operation: Operation,
  { runs, seed, kinds = QUICK_KINDS }: { runs: number; seed: number; kinds?: readonly Kind[] },
): TransformReport {
  registerHelper();
  const name = qualifiedName(operation);
  const differences: string[] = [];
  let [results, refusals] = [0, 0];
  const arbitrary = calls(operation);
  if (arbitrary === undefined) return { name, results, refusals, differences };
  for (const call of fc.sample(arbitrary, { numRuns: runs, seed: seedOf(seed, name) }).filter(isComparable)) {
    for (const kind of kinds) {
      const [native, python] = (['native', 'python'] as const).map((side) =>
        mx.tidy(() => transformedOn(side, kind, call)),
      );
      if (native === undefined || python === undefined) continue;
      if (native.kind === 'error' && python.kind === 'error') {
        refusals++;
        continue;
      }
      const { difference } = compareOutcomes(native, python, 0);
      if (difference === undefined) results++;
      else differences.push(`${kind} of ${name}: ${difference}`);
    }
  }
  return { name, results, refusals, differences };
}
