import { camelCase } from '../../naming.ts';
import { describeValue } from '../describe.ts';
import { convolutionEdges } from './convolution-edges.ts';
import { every, type Precondition, type Preconditions, positive } from './precondition.ts';

const grouped = positive('groups');
const isNumberOrThree = (value: unknown) => typeof value === 'number' || (Array.isArray(value) && value.length === 3);

function triples(...names: string[]): Precondition {
  return (given) => {
    for (const name of names) {
      const value: unknown = given.value(name);
      if (isNumberOrThree(value)) continue;
      return `expected a number or three of them for "${camelCase(name)}", received ${describeValue(value)}`;
    }
    return undefined;
  };
}

const isIntegers = (value: unknown) => Array.isArray(value) && value.every(Number.isInteger);

const paddings: Precondition = (given) => {
  const value: unknown = given.value('padding');
  if (Number.isInteger(value) || isIntegers(value)) return undefined;
  if (Array.isArray(value) && value.length === 2 && value.every(isIntegers)) return undefined;
  return `expected a number, a list of them, or two such lists for "padding", received ${describeValue(value)}`;
};

export const conv: Preconditions = {
  conv1d: every(grouped, convolutionEdges),
  conv2d: every(grouped, convolutionEdges),
  conv3d: every(grouped, triples('stride', 'padding', 'dilation'), convolutionEdges),
  conv_general: every(grouped, paddings, convolutionEdges),
  conv_transpose1d: grouped,
  conv_transpose2d: grouped,
  conv_transpose3d: every(grouped, triples('stride', 'padding', 'dilation', 'output_padding')),
};
