import type { PreparedCall } from '../../backend/backend.ts';
import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { type Argument, Handle, type Result, type StreamRef } from '../../foundation/values/values.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { publicName } from '../../registry/registry.ts';
import { typedError } from '../addon/errors.ts';
import { LOWERINGS } from '../lowerings/index.ts';
import type { CFunctions, LoweringContext } from '../lowerings/lowering.ts';
import { directCall } from './direct.ts';
import type { DirectParts } from './direct-parts.ts';
import type { CCall, Marshal } from './marshal.ts';

type StreamIndex = (stream: StreamRef) => number;
type Plan = (args: readonly Argument[], stream: number | undefined) => ReturnType<CCall>;

interface PlanParts extends DirectParts {
  readonly context: LoweringContext;
  readonly streamIndex: StreamIndex;
}

/** How one operation becomes calls of C functions, worked out once from its row of the catalogue. */
export function planCall(operation: Operation, parts: PlanParts): PreparedCall {
  const { streamIndex } = parts;
  const plan = planOf(operation, parts.marshal, parts.context);
  const run: PreparedCall['run'] = (args, context) => {
    try {
      const stream = context?.stream;
      return plan(args, stream === undefined ? undefined : streamIndex(stream));
    } catch (error) {
      throw typedError(error, operation);
    }
  };
  return {
    run,
    runAsync: async (args, context) => run(args, context),
    direct: directCall(parts, operation),
  };
}

function planOf(operation: Operation, marshal: Marshal, context: LoweringContext): Plan {
  const { native, parameters } = operation;
  if (native === null) throw unsupported(operation);
  if (typeof native === 'string') {
    const call = marshal.bound(native);
    if (!parameters.some(({ kind }) => kind === 'pair')) return call;
    return (args, stream) => call(inOrder(operation, args), stream);
  }
  if ('lowering' in native) {
    const lowering = LOWERINGS[qualifiedName(operation)];
    if (lowering === undefined) throw unsupported(operation);
    return (args, stream) => {
      const c: CFunctions = (name, ...values) => marshal.bound(name)(values, stream);
      try {
        return ownResult(lowering(c, args, context), args, c, context);
      } finally {
        context.forget();
      }
    };
  }
  const at = parameters.findIndex(({ name }) => name === native.axis);
  const [none, one, many] = [native.none, native.one, native.many].map((name) =>
    name === undefined ? undefined : marshal.bound(name),
  );
  return (args, stream) => {
    const axis = args[at];
    if (axis === null && none !== undefined) return none(inOrder(operation, args, at), stream);
    const call = typeof axis === 'number' && one !== undefined ? one : many;
    if (call === undefined) throw unsupported(operation);
    return call(args, stream);
  };
}

/**
 * A lowering with nothing to do gives its very argument. The result gets a slot of its own, or disposing one of the two
 * would take the other along.
 */
function ownResult(result: Result, args: readonly Argument[], c: CFunctions, context: LoweringContext): Result {
  if (!(result instanceof Handle) || !args.includes(result)) return result;
  return c('reshape', result, context.shape(result));
}

/** Spreads pairs over two places, and leaves out the parameter at `without`. */
function inOrder(operation: Operation, args: readonly Argument[], without = -1): Argument[] {
  const values: Argument[] = [];
  for (let i = 0; i < args.length; i++) {
    if (i === without) continue;
    if (operation.parameters[i]?.kind === 'pair') values.push(...(args[i] as readonly number[]));
    else values.push(args[i]);
  }
  return values;
}

function unsupported(operation: Operation): UnsupportedOperationError {
  return new UnsupportedOperationError('the native backend has no form for these arguments', {
    operation: publicName(operation),
    implementation: 'native',
  });
}
