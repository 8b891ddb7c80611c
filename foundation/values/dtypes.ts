import { ArgumentError } from '../errors/errors.ts';
import { checkReceivers, hasOwnField, refuseForged } from '../errors/receivers.ts';

/** What a dtype holds; decides promotion, weak scalars and sampling. */
export type DtypeKind = 'bool' | 'uint' | 'int' | 'float' | 'complex';

export type DtypeName =
  | 'bool'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'bfloat16'
  | 'complex64';

const made: Dtype[] = [];

/** How many MLX has. */
const COUNT = 14;

/** An element type of MLX. Compare with `===`: there is one object for each dtype. */
export class Dtype {
  /** Python's name, without `mlx.core.`. */
  readonly name: DtypeName;
  /** The number that MLX gives it; also its code on the wire. */
  readonly code: number;
  /** Bytes of one element. */
  readonly size: number;
  readonly kind: DtypeKind;

  constructor(name: DtypeName, code: number, size: number, kind: DtypeKind) {
    if (made.length === COUNT) {
      throw new ArgumentError('there is one object for each dtype already: use mx.float32 and the like', {
        operation: 'mx.Dtype',
      });
    }
    this.name = name;
    this.code = code;
    this.size = size;
    this.kind = kind;
    Object.freeze(this);
    made.push(this);
  }

  /** As Python prints it: `mlx.core.float32`. */
  toString(): string {
    return `mlx.core.${this.name}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

checkReceivers(Dtype.prototype, 'mx.Dtype', (value) => value instanceof Dtype && hasOwnField(value, 'code'));
refuseForged(Dtype.prototype, ['name', 'code', 'size', 'kind'], 'mx.Dtype', 'a dtype such as mx.float32');

export const bool = new Dtype('bool', 0, 1, 'bool');
export const uint8 = new Dtype('uint8', 1, 1, 'uint');
export const uint16 = new Dtype('uint16', 2, 2, 'uint');
export const uint32 = new Dtype('uint32', 3, 4, 'uint');
export const uint64 = new Dtype('uint64', 4, 8, 'uint');
export const int8 = new Dtype('int8', 5, 1, 'int');
export const int16 = new Dtype('int16', 6, 2, 'int');
export const int32 = new Dtype('int32', 7, 4, 'int');
export const int64 = new Dtype('int64', 8, 8, 'int');
export const float16 = new Dtype('float16', 9, 2, 'float');
export const float32 = new Dtype('float32', 10, 4, 'float');
export const float64 = new Dtype('float64', 11, 8, 'float');
export const bfloat16 = new Dtype('bfloat16', 12, 2, 'float');
export const complex64 = new Dtype('complex64', 13, 8, 'complex');

/** Every dtype, at the index of its code. */
export const DTYPES: readonly Dtype[] = made;

const BY_NAME = new Map<string, Dtype>(DTYPES.map((dtype) => [dtype.name, dtype]));

/** The dtype of that name, or undefined. `bool_` is Python's spelling of `bool`. */
export function dtypeNamed(name: string): Dtype | undefined {
  return BY_NAME.get(name === 'bool_' ? 'bool' : name);
}

/** The dtype of that code; a code that MLX does not have is a bug of the caller. */
export function dtypeOfCode(code: number): Dtype {
  const dtype = DTYPES[code];
  if (dtype === undefined) throw new RangeError(`no dtype has the code ${code}`);
  return dtype;
}

export function isIntegral(dtype: Dtype): boolean {
  return dtype.kind === 'int' || dtype.kind === 'uint';
}

export function isInexact(dtype: Dtype): boolean {
  return dtype.kind === 'float' || dtype.kind === 'complex';
}
