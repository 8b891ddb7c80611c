import { Handle, Slice } from '../../foundation/values/values.ts';
import { type DirectParts, isInt32, type Take } from './direct-parts.ts';

/** Past every end: the addon cuts it down to the axis. */
const FAR = 2 ** 31 - 1;

/**
 * `x[i]`, `x[i, j]` and so on up to four integers, and `x[a:b]`: one slice that goes forward an element at a time. The
 * addon holds them against the axes; what it does not take goes to the parser, which says what is wrong.
 */
export function directIndex({ addon, slots }: DirectParts) {
  const integers = addon.functions['integer_index'] as Take | undefined;
  const range = addon.functions['range_index'] as Take | undefined;
  if (integers === undefined || range === undefined) return undefined;
  const ofIntegers = (slot: number, list: readonly unknown[]): unknown => {
    const count = list.length;
    // Each is read once: a list may give something else the next time.
    const a = list[0];
    const b = count > 1 ? list[1] : 0;
    const c = count > 2 ? list[2] : 0;
    const d = count > 3 ? list[3] : 0;
    if (!isInt32(a) || !isInt32(b) || !isInt32(c) || !isInt32(d)) return undefined;
    if (count === 2) return integers(slot, 2, a, b);
    return count === 3 ? integers(slot, 3, a, b, c) : integers(slot, 4, a, b, c, d);
  };
  const ofOne = (slot: number, part: unknown): unknown => {
    if (isInt32(part)) return integers(slot, 1, part);
    if (!(part instanceof Slice)) return undefined;
    const { start, stop, step } = part;
    const from = start ?? 0;
    const to = stop ?? FAR;
    return (step ?? 1) === 1 && isInt32(from) && isInt32(to) ? range(slot, from, to) : undefined;
  };
  return (tensor: unknown, index: unknown): Handle | null => {
    if (!(tensor instanceof Handle)) return null;
    let code: unknown;
    if (!Array.isArray(index)) code = ofOne(tensor.slot, index);
    else if (index.length === 1) code = ofOne(tensor.slot, index[0]);
    else if (index.length >= 2 && index.length <= 4) code = ofIntegers(tensor.slot, index);
    return typeof code === 'number' ? slots.adopt(code) : null;
  };
}
