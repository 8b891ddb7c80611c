import type { Parameter, ParameterKind } from '../../registry/parameters.ts';

/** Names of `mlx/types.ts` that the generated files may use. */
const TYPE_NAMES = [
  'array',
  'Axes',
  'CallOptions',
  'DtypeLike',
  'Each',
  'Group',
  'IndexArgument',
  'Indices',
  'Nested',
  'Operand',
  'Pair',
  'Parts',
  'Scalar',
  'Shape',
  'WriteIndex',
] as const;

const OF_KIND: Readonly<Record<ParameterKind, string>> = {
  array: 'array',
  operand: 'Operand',
  value: 'Operand',
  indices: 'Indices',
  arrays: 'readonly array[]',
  key: 'array',
  int: 'number',
  float: 'number',
  number: 'number | bigint',
  bool: 'boolean',
  string: 'string',
  axis: 'number',
  axes: 'Axes',
  shape: 'Shape',
  ints: 'readonly number[]',
  pair: 'Pair',
  dtype: 'DtypeLike',
  group: 'Group',
  index: 'IndexArgument',
  any: 'unknown',
};

/** The TypeScript type of what a caller passes for the parameter. */
export function parameterType(parameter: Parameter): string {
  const words = parameter.choices?.map((word) => `'${word}'`).join(' | ');
  const type = parameter.type ?? words ?? OF_KIND[parameter.kind];
  return parameter.nullable ? `${type} | null` : type;
}

/** The names of `mlx/types.ts` that a text mentions outside its comments. */
export function typesIn(text: string): string[] {
  const code = text.replace(/\/\*\*[\s\S]*?\*\//g, '').replace(/'[^'\n]*'/g, '');
  return TYPE_NAMES.filter((name) => new RegExp(`(?<![\\w.])${name}\\b(?!\\s*[:?(])`).test(code));
}
