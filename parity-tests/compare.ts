import type { Dtype } from '../foundation/values/dtypes.ts';
import { decode } from '../foundation/values/elements.ts';
import { worstUlp } from './ulp.ts';

/** All that a call gave, read out: a tree of tensors and plain data. */
export type Contents =
  | {
      readonly kind: 'tensor';
      readonly shape: readonly number[];
      readonly dtype: Dtype;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: 'plain'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Contents[] }
  | { readonly kind: 'object'; readonly names: readonly string[]; readonly items: readonly Contents[] };

type TensorContents = Extract<Contents, { kind: 'tensor' }>;

/** How one side ended: with contents, or with an error. `code` is null for an error that is not this library's. */
export type Outcome =
  | { readonly kind: 'result'; readonly contents: Contents }
  | { readonly kind: 'error'; readonly name: string; readonly code: string | null; readonly message: string };

export interface Comparison {
  /** Units in the last place between the results, the worst element; 0 where every bit agrees. */
  readonly ulp: number;
  /** What differs beyond the tolerance; undefined when nothing does. */
  readonly difference: string | undefined;
}

const SAME: Comparison = { ulp: 0, difference: undefined };

function differs(difference: string, ulp = 0): Comparison {
  return { ulp, difference };
}

/** Holds the Python outcome against the native one. Structure, shape, dtype and errors have no tolerance. */
export function compareOutcomes(native: Outcome, python: Outcome, toleratedUlp: number): Comparison {
  if (native.kind === 'error' || python.kind === 'error') return compareErrors(native, python);
  return compareContents(native.contents, python.contents, toleratedUlp, 'result');
}

export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'result') return describeContents(outcome.contents);
  return `${outcome.name}${outcome.code === null ? '' : ` [${outcome.code}]`}: ${outcome.message}`;
}

/** Codes that a backend's own end gives, which no caller's mistake may cause. */
const BREAKDOWNS = ['ERR_MLX_WORKER_DIED', 'ERR_MLX_TIMEOUT', 'ERR_MLX_PROTOCOL', 'ERR_MLX_TENSOR_LOST'];

function compareErrors(native: Outcome, python: Outcome): Comparison {
  for (const [side, outcome] of [
    ['native', native],
    ['python', python],
  ] as const) {
    if (outcome.kind !== 'error') continue;
    if (outcome.code === null)
      return differs(`${side} threw an error that is not this library's: ${describeOutcome(outcome)}`);
    if (BREAKDOWNS.includes(outcome.code)) return differs(`${side} broke down: ${describeOutcome(outcome)}`);
  }
  if (native.kind !== 'error' || python.kind !== 'error') {
    const [failed, other] = native.kind === 'error' ? ['native', 'python'] : ['python', 'native'];
    return differs(`${failed} threw an error, ${other} did not`);
  }
  if (native.name !== python.name || native.code !== python.code) return differs('the classes of the errors differ');
  return native.message === python.message ? SAME : differs('the messages of the errors differ');
}

function compareContents(native: Contents, python: Contents, tolerated: number, where: string): Comparison {
  if (native.kind === 'tensor' && python.kind === 'tensor') return compareTensors(native, python, tolerated, where);
  if (native.kind === 'plain' && python.kind === 'plain') {
    return Object.is(native.value, python.value) ? SAME : differs(`${where} differs`);
  }
  if (native.kind === 'list' && python.kind === 'list') {
    return compareItems(native.items, python.items, tolerated, (i) => `${where}[${i}]`);
  }
  if (native.kind === 'object' && python.kind === 'object' && String(native.names) === String(python.names)) {
    return compareItems(native.items, python.items, tolerated, (i) => `${where}.${native.names[i]}`);
  }
  return differs(`${where} has another structure`);
}

function compareItems(
  native: readonly Contents[],
  python: readonly Contents[],
  tolerated: number,
  where: (i: number) => string,
): Comparison {
  if (native.length !== python.length)
    return differs(`${native.length} results from native, ${python.length} from python`);
  let ulp = 0;
  for (const [i, item] of native.entries()) {
    const comparison = compareContents(item, python[i] as Contents, tolerated, where(i));
    if (comparison.difference !== undefined) return comparison;
    ulp = Math.max(ulp, comparison.ulp);
  }
  return { ulp, difference: undefined };
}

function compareTensors(native: TensorContents, python: TensorContents, tolerated: number, where: string): Comparison {
  if (native.dtype !== python.dtype) {
    return differs(`${where}: dtype ${native.dtype.name} from native, ${python.dtype.name} from python`);
  }
  if (String(native.shape) !== String(python.shape)) {
    return differs(`${where}: shape [${native.shape}] from native, [${python.shape}] from python`);
  }
  if (Buffer.compare(native.bytes, python.bytes) === 0) return SAME;
  const { dtype } = native;
  const { ulp, element } = worstUlp(native.bytes, python.bytes, dtype);
  if (ulp <= tolerated) return { ulp, difference: undefined };
  const [x, y] = [native, python].map(({ bytes }) => bitsAndValue(bytes, dtype, element));
  return differs(`${where}: element ${element} is ${x} from native, ${y} from python: ${ulp} ULP apart`, ulp);
}

function bitsAndValue(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype, element: number): string {
  const own = bytes.slice(element * dtype.size, (element + 1) * dtype.size);
  return `${decode(own, dtype)[0]} (0x${Buffer.from(own).reverse().toString('hex')})`;
}

function describeContents(contents: Contents): string {
  switch (contents.kind) {
    case 'tensor':
      return `${contents.dtype.name} [${contents.shape}] (${decode(contents.bytes, contents.dtype).slice(0, 12).join(', ')})`;
    case 'plain':
      return String(contents.value);
    default:
      return `[${contents.items.map(describeContents).join('; ')}]`;
  }
}
