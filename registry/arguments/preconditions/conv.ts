import { camelCase } from '../../naming.ts';
import { describeValue } from '../describe.ts';
import type { Precondition } from './precondition.ts';

const isNumberOrThree = (value: unknown) => typeof value === 'number' || (Array.isArray(value) && value.length === 3);

/** A number for all three axes, or one for each. */
export function oneOrThree(...names: string[]): Precondition {
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

export const paddings: Precondition = (given) => {
  const value: unknown = given.value('padding');
  if (Number.isInteger(value) || isIntegers(value)) return undefined;
  if (Array.isArray(value) && value.length === 2 && value.every(isIntegers)) return undefined;
  return `expected a number, a list of them, or two such lists for "padding", received ${describeValue(value)}`;
};
