import { camelCase } from '../../registry/naming.ts';
import type { Operation } from '../../registry/operation.ts';
import { NOTICE, typeImport } from './notice.ts';
import { overloads, resultType } from './signature.ts';

const OPERATORS =
  "/** Python's operators, as methods named after the operation: `a + b` is `a.add(b)`, `~a` is `a.bitwiseInvert()`. */";

const IN_PLACE = `/**
 * \`x.add_(y)\` is Python's \`x += y\`: the same array object holds the result from then on, whose shape and dtype may be
 * others. No array that was made of it before changes, for values never do. As in Python, \`divide_\` takes no integers: it
 * would make floats of them. \`x.indexPut_(index, value)\` is \`x[index] = value\`, with a list for Python's tuple:
 * \`x.indexPut_([0, mx.Slice(1)], 5)\`. Where an index names an element twice, the last value stays.
 */`;

/** The methods of the array that stand for Python's operators, and those that work in place. */
export function operatorsText(operations: readonly Operation[]): string {
  const operators = operations.filter(({ operator }) => operator !== undefined);
  const inPlace = operations.filter((operation) => operation.inPlace !== undefined);
  const body = [
    `${OPERATORS}\nexport interface ArrayOperators {\n${operators.map((one) => member(one, '')).join('\n')}\n}`,
    `${IN_PLACE}\nexport interface InPlaceMethods {\n${inPlace.map((one) => member(one, '_')).join('\n')}\n}`,
  ].join('\n\n');
  return [NOTICE, typeImport(body, '..'), '', body, ''].join('\n');
}

/** With every argument by position, as an operator has them. */
function member(operation: Operation, ending: '' | '_'): string {
  const list = overloads(operation, 1).at(-1);
  return `/** ${operation.doc} */\n${camelCase(operation.name)}${ending}(${list}): ${resultType(operation)};`;
}
