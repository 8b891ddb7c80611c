import type { DirectCall } from '../../backend/backend.ts';
import { Handle } from '../../foundation/values/values.ts';
import type { CallPlan } from '../../router/calls/plan.ts';
import { isTensor, Tensor } from '../../router/tensors/tensor.ts';
import { router } from '../../runtime/runtime.ts';

/**
 * The public function of an operation: the ways of its plan in turn, the shortest first. Each is looked up in every call,
 * for the router takes them away and puts them back. The plan is made at the first call: few programs call most operations.
 */
export function bind(qualified: string): unknown {
  let plan: CallPlan | undefined;
  return (...args: unknown[]) => {
    plan ??= router.prepare(qualified);
    const { direct, deferred } = plan;
    const count = args.length;
    if (direct !== null && count > 0) {
      const handle = callDirect(direct, args) ?? callByPosition(direct, plan.parser.byPosition(args));
      if (handle !== null) {
        plan.usualTally.calls++;
        return new Tensor(handle, null);
      }
    }
    if (deferred !== null && count === deferred.count) {
      const result = router.deferring.call(deferred, args[0], args[1], args[2]);
      if (result !== null) return result;
    }
    return router.call(plan, args);
  };
}

function callDirect(direct: DirectCall, args: readonly unknown[]): Handle | null {
  const count = args.length;
  return direct(
    count,
    asNative(args[0]),
    count > 1 ? asNative(args[1]) : undefined,
    count > 2 ? asNative(args[2]) : undefined,
  );
}

function callByPosition(direct: DirectCall, args: readonly unknown[] | null): Handle | null {
  return args === null ? null : callDirect(direct, args);
}

/** An argument as `DirectCall` has it. A handle that was taken out of an array is no argument. */
function asNative(value: unknown): unknown {
  if (isTensor(value)) return value.native ?? undefined;
  return value instanceof Handle ? undefined : value;
}
