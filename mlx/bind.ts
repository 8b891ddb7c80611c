import type { Prepared } from '../router/prepared.ts';
import { isTensor, Tensor } from '../router/tensor.ts';
import { router } from './runtime.ts';

type Call = (...args: unknown[]) => unknown;

function arity(prepared: Prepared): number {
  const { parameters } = prepared.operation;
  return parameters.every(({ kind }) => kind === 'array' || kind === 'operand') ? parameters.length : 0;
}

/**
 * The public function of an operation. Calls of one or two tensors and nothing else take the short cut while the
 * router allows it; every other call is parsed.
 */
export function bind(qualified: string): unknown {
  const prepared = router.prepare(qualified);
  switch (arity(prepared)) {
    case 1:
      return unary(prepared);
    case 2:
      return binary(prepared);
    case 3:
      return ternary(prepared);
    default:
      return (...args: unknown[]) => router.call(prepared, args);
  }
}

function unary(prepared: Prepared): Call {
  return (...args) => {
    const { direct } = prepared;
    if (direct !== null && args.length === 1) {
      const a = args[0];
      if (isTensor(a) && a.native !== null) {
        prepared.usualTally.calls++;
        return new Tensor(direct(a.native), null);
      }
    }
    const { deferred } = prepared;
    if (deferred !== null && args.length === 1) {
      const result = router.deferring.call(deferred, args[0]);
      if (result !== null) return result;
    }
    return router.call(prepared, args);
  };
}

function binary(prepared: Prepared): Call {
  return (...args) => {
    const { direct } = prepared;
    if (direct !== null && args.length === 2) {
      const a = args[0];
      const b = args[1];
      if (isTensor(a) && isTensor(b) && a.native !== null && b.native !== null) {
        prepared.usualTally.calls++;
        return new Tensor(direct(a.native, b.native), null);
      }
    }
    const { deferred } = prepared;
    if (deferred !== null && args.length === 2 && args[1] !== undefined) {
      const result = router.deferring.call(deferred, args[0], args[1]);
      if (result !== null) return result;
    }
    return router.call(prepared, args);
  };
}

function ternary(prepared: Prepared): Call {
  return (...args) => {
    const { deferred } = prepared;
    if (deferred !== null && args.length === 3 && args[1] !== undefined && args[2] !== undefined) {
      const result = router.deferring.call(deferred, args[0], args[1], args[2]);
      if (result !== null) return result;
    }
    return router.call(prepared, args);
  };
}
