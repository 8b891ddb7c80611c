import { bool, Dtype } from '../../../foundation/values/dtypes.ts';
import {
  broadcast,
  isSameShape,
  lengthOf,
  slicedBlock,
  withoutLeadingOnes,
  writeLayout,
} from '../../../foundation/values/index-layout.ts';
import { Scalar } from '../../../foundation/values/values.ts';
import type { Given, Precondition } from './precondition.ts';

type Parts = Parameters<typeof writeLayout<object>>[0];

function valueShape(given: Given): readonly number[] {
  return given.value('value') instanceof Scalar ? [] : given.shape('value');
}

/** MLX takes as many rows of the value as the mask has true elements, and divides by the size of the value. */
function throughMask(given: Given, mask: object): string | undefined {
  const value = valueShape(given);
  const rest = given.shape('a').slice(given.shapeOf(mask).length);
  const row = value.length > rest.length ? value.slice(1) : value;
  const fits = value.length <= rest.length + 1 && String(broadcast(row, rest)) === String(rest);
  if (!fits) return `expected a value for the mask whose last dimensions broadcast to [${rest}], received [${value}]`;
  if (value.includes(0) && given.elements(mask)?.includes(true)) {
    return `expected at least one element for "value", received the shape [${value}]`;
  }
  return undefined;
}

/** The value that an index writes has to broadcast to what the index reads. */
export const writable: Precondition = (given) => {
  const parts = given.value('index') as Parts;
  const [sole] = parts;
  if (parts.length === 1 && isIndexArray(sole) && given.dtypeOf(sole) === bool) return throughMask(given, sole);
  const block = slicedBlock(parts, given.shape('a'));
  if (block !== undefined && isSameShape(valueShape(given), block.sizes)) return undefined;
  const layout = writeLayout(parts, given.shape('a'), (tensor) => given.shapeOf(tensor));
  if (layout === undefined) {
    const shapes = parts.filter(isIndexArray).map((tensor) => `[${given.shapeOf(tensor)}]`);
    return `expected index arrays that broadcast together for "index", received the shapes ${shapes.join(', ')}`;
  }
  const target = layout.dimensions.map(lengthOf);
  const value = withoutLeadingOnes(valueShape(given));
  const fits = value.length <= target.length && String(broadcast(value, target)) === String(target);
  return fits
    ? undefined
    : `expected a value that broadcasts to the shape [${target}], received the shape [${valueShape(given)}]`;
};

/** Of the parts of an index, what is no slice. */
function isIndexArray(part: unknown): part is object {
  return typeof part === 'object' && part !== null && !(part instanceof Dtype) && !('step' in part);
}
