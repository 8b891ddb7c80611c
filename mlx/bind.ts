import type { Prepared } from '../router/router.ts';
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
    return router.call(prepared, args);
  };
}
