import type { Handle } from '../registry/values.ts';
import type { Prepared } from '../router/prepared.ts';
import { isTensor, Tensor } from '../router/tensor.ts';
import { router } from './runtime.ts';

type Call = (...args: unknown[]) => unknown;

function arity(prepared: Prepared): number {
  const { parameters } = prepared.operation;
  return parameters.every(({ kind }) => kind === 'array' || kind === 'operand') ? parameters.length : 0;
}

function takesShape({ operation: { parameters } }: Prepared): boolean {
  return parameters.length === 2 && parameters[1]?.kind === 'shape';
}

/**
 * The public function of an operation. Calls of one or two tensors and nothing else, of a tensor and a number, and of a
 * tensor and a shape take a short cut while the router allows it; every other call is parsed.
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
      return takesShape(prepared) ? shaped(prepared) : (...args: unknown[]) => router.call(prepared, args);
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
      if (isTensor(a) && a.native !== null) {
        if (isTensor(b) && b.native !== null) {
          prepared.usualTally.calls++;
          return new Tensor(direct(a.native, b.native), null);
        }
        if (typeof b === 'number') {
          const result = beside(prepared, a.native, b, false);
          if (result !== null) return result;
        }
      } else if (typeof a === 'number' && isTensor(b) && b.native !== null) {
        const result = beside(prepared, b.native, a, true);
        if (result !== null) return result;
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

/** A tensor beside a number; null where the call has to be parsed. */
function beside(prepared: Prepared, tensor: Handle, number: number, isFirst: boolean): Tensor | null {
  const handle = prepared.directNumber?.(tensor, number, isFirst) ?? null;
  if (handle === null) return null;
  prepared.usualTally.calls++;
  return new Tensor(handle, null);
}

function shaped(prepared: Prepared): Call {
  return (...args) => {
    const { directShape } = prepared;
    if (directShape !== null && args.length === 2) {
      const a = args[0];
      const b = args[1];
      if (isTensor(a) && a.native !== null && Array.isArray(b)) {
        const handle = directShape(a.native, b);
        if (handle !== null) {
          prepared.usualTally.calls++;
          return new Tensor(handle, null);
        }
      }
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
