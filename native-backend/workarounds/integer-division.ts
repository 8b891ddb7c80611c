import { type Dtype, isInexact } from '../../foundation/values/dtypes.ts';
import { type Argument, type Handle, Scalar } from '../../foundation/values/values.ts';
import { type CFunctions, type LoweringContext, type Lowerings, single } from '../lowerings/lowering.ts';

interface Divisor {
  readonly a: Handle;
  /** The divisor with 1 in place of 0 and -1. */
  readonly safe: Handle;
  readonly isZero: Handle;
  readonly isMinusOne: Handle | undefined;
  readonly dtype: Dtype;
}

function tensor(argument: Argument, context: LoweringContext): Handle {
  return argument instanceof Scalar ? context.scalar(argument.value, argument.dtype) : (argument as Handle);
}

/** undefined where the division is of floats, which does not crash. */
function safeDivisor(c: CFunctions, args: readonly Argument[], context: LoweringContext): Divisor | undefined {
  const [first, second] = args.map((argument) => tensor(argument, context)) as [Handle, Handle];
  if (isInexact(context.dtype(first)) || isInexact(context.dtype(second))) return undefined;
  const dtype = context.dtype(single(c('add', first, second)));
  const a = single(c('astype', first, dtype));
  const b = single(c('astype', second, dtype));
  const isZero = single(c('equal', b, context.scalar(0, dtype)));
  const isMinusOne = dtype.kind === 'int' ? single(c('equal', b, context.scalar(-1, dtype))) : undefined;
  const isUnsafe = isMinusOne === undefined ? isZero : single(c('logical_or', isZero, isMinusOne));
  return { a, safe: single(c('where', isUnsafe, context.scalar(1, dtype), b)), isZero, isMinusOne, dtype };
}

function quotient(c: CFunctions, { a, safe, isZero, isMinusOne, dtype }: Divisor, context: LoweringContext): Handle {
  const divided = single(c('floor_divide', a, safe));
  const signed = isMinusOne === undefined ? divided : single(c('where', isMinusOne, single(c('negative', a)), divided));
  return single(c('where', isZero, context.scalar(0, dtype), signed));
}

/** The quotient rounded down, as MLX's divmod has it where its floor_divide rounds towards zero. */
function floored(c: CFunctions, divisor: Divisor, remainder: Handle, context: LoweringContext): Handle {
  const truncated = quotient(c, divisor, context);
  const { a, safe, dtype } = divisor;
  if (dtype.kind !== 'int') return truncated;
  const zero = context.scalar(0, dtype);
  // By where, for under vmap MLX's not_equal gives a wrong axis where only the second operand has one.
  const opposite = [single(c('greater_equal', safe, zero)), single(c('less', safe, zero))] as const;
  const signsDiffer = single(c('where', single(c('less', a, zero)), ...opposite));
  const less = single(c('where', single(c('equal', remainder, zero)), zero, single(c('astype', signsDiffer, dtype))));
  return single(c('subtract', truncated, less));
}

/**
 * MLX divides integers in machine code without a look at the divisor, and SIGFPE ends the process at zero, and at the
 * least integer by -1: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/binary_ops.h
 * Here a division by zero gives 0, as NumPy's does, and the least integer by -1 wraps to itself.
 */
export const integerDivision: Lowerings = {
  floor_divide: (c, args, context) => {
    const divisor = safeDivisor(c, args, context);
    return divisor === undefined ? c('floor_divide', ...(args as [Handle, Handle])) : quotient(c, divisor, context);
  },
  remainder: (c, args, context) => {
    const divisor = safeDivisor(c, args, context);
    if (divisor === undefined) return c('remainder', ...(args as [Handle, Handle]));
    return c('remainder', divisor.a, divisor.safe);
  },
  divmod: (c, args, context) => {
    // Like MLX's own, it has no derivative.
    const operands = args.map((argument) => single(c('stop_gradient', tensor(argument, context)))) as [Handle, Handle];
    const divisor = safeDivisor(c, operands, context);
    if (operands.some((operand) => context.dtype(operand).kind === 'complex')) return c('divmod', ...operands);
    // Under vmap MLX's own gives one axis for its two results, and the second is read out of bounds.
    if (divisor === undefined) return [single(c('floor_divide', ...operands)), single(c('remainder', ...operands))];
    const remainder = single(c('remainder', divisor.a, divisor.safe));
    return [floored(c, divisor, remainder, context), remainder];
  },
};
