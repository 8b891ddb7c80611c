import { camelCase } from '../../registry/naming.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Parameter } from '../../registry/parameters.ts';
import { parameterType } from './types.ts';

/** Parameters that are always given by position when they lead: what the operation works on. */
const TENSORS = new Set(['array', 'operand', 'arrays']);

const RESULTS = { array: 'array', arrays: 'array[]', any: 'unknown' } as const;

/** `expand_dims` of `linalg` and of the core alike: `ExpandDimsOptions`. */
export function optionsName(operation: Operation): string {
  const name = camelCase(operation.name);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Options`;
}

export function resultType(operation: Operation): string {
  return operation.returns ?? RESULTS[operation.result];
}

/** The name of a parameter as that of its own type: `compute_uv` is `ComputeUv`. */
function typeName(parameter: Parameter): string {
  const name = camelCase(parameter.name);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** `<ComputeUv extends boolean = true>`, of an operation whose result depends on what a parameter is; else ''. */
export function typeParameter(operation: Operation): string {
  const parameter = operation.parameters.find(({ name }) => name === operation.returnsBy);
  if (parameter === undefined) return '';
  if (parameter.variadic === true)
    return `<const ${typeName(parameter)} extends readonly ${parameterType(parameter)}[]>`;
  const { fallback } = parameter;
  const usual = fallback === undefined ? '' : ` = ${typeof fallback === 'string' ? `'${fallback}'` : fallback}`;
  return `<const ${typeName(parameter)} extends ${parameterType(parameter)}${usual}>`;
}

/** The type of a parameter in a signature: its own where the result depends on it. */
function typeIn(operation: Operation, parameter: Parameter): string {
  return parameter.name === operation.returnsBy ? typeName(parameter) : parameterType(parameter);
}

/** The parameters that may also be given by name: all but the tensors in front. */
function namedParameters(operation: Operation): readonly Parameter[] {
  return operation.parameters.slice(leading(operation)).filter((parameter) => parameter.variadic !== true);
}

function leading(operation: Operation): number {
  const count = operation.parameters.findIndex(
    (parameter) => !TENSORS.has(parameter.kind) || parameter.fallback !== undefined || parameter.keywordOnly,
  );
  return count === -1 ? operation.parameters.length : count;
}

/** The object of keywords that a call may end with; undefined where `CallOptions` is enough. */
export function optionsInterface(operation: Operation, publicName: string): string | undefined {
  const named = namedParameters(operation);
  if (named.length === 0) return undefined;
  const members = named.map((parameter) => {
    const optional = parameter.fallback !== undefined;
    const type = parameterType(parameter);
    return `  ${camelCase(parameter.name)}${optional ? '?' : ''}: ${type}${optional ? ' | undefined' : ''};`;
  });
  return [
    `/** Keywords of \`${publicName}\`. */`,
    `export interface ${optionsName(operation)} extends CallOptions {`,
    ...members,
    '}',
  ].join('\n');
}

/** What follows the parameters given by position: their number decides which keywords are left. */
function trailing(operation: Operation, positional: readonly Parameter[]): { type: string; required: boolean } {
  const named = namedParameters(operation);
  const left = named.filter((parameter) => !positional.includes(parameter));
  if (left.length === 0) return { type: 'CallOptions', required: false };
  const required = left.some((parameter) => parameter.fallback === undefined);
  const taken = named.filter((parameter) => positional.includes(parameter));
  const name = optionsName(operation);
  const type =
    taken.length === 0 ? name : `Omit<${name}, ${taken.map(({ name }) => `'${camelCase(name)}'`).join(' | ')}>`;
  const decisive = left.find((parameter) => parameter.name === operation.returnsBy);
  if (decisive === undefined) return { type, required };
  const optional = decisive.fallback !== undefined;
  const own = `${camelCase(decisive.name)}${optional ? '?' : ''}: ${typeName(decisive)}${optional ? ' | undefined' : ''}`;
  return { type: `${type} & { ${own} }`, required };
}

/** The argument lists of every way to call: one for each number of parameters given by position. */
export function overloads(operation: Operation, skip = 0): string[] {
  const { parameters } = operation;
  const variadic = parameters.findIndex((parameter) => parameter.variadic === true);
  if (variadic !== -1) return variadicOverloads(operation, variadic);
  const positional = parameters.filter((parameter) => !parameter.keywordOnly);
  const lists: string[] = [];
  for (let count = Math.max(leading(operation), skip); count <= positional.length; count++) {
    const given = positional.slice(0, count);
    const { type, required } = trailing(operation, given);
    const written = given
      .slice(skip)
      .map((parameter) => `${camelCase(parameter.name)}: ${typeIn(operation, parameter)}`);
    lists.push([...written, `options${required ? '' : '?'}: ${type}`].join(', '));
  }
  return lists;
}

function variadicOverloads(operation: Operation, variadic: number): string[] {
  const before = operation.parameters.slice(0, variadic);
  const rest = operation.parameters[variadic] as Parameter;
  const fixed = before.map((parameter) => `${camelCase(parameter.name)}: ${parameterType(parameter)}`);
  const many = rest.name === operation.returnsBy ? typeName(rest) : `${parameterType(rest)}[]`;
  const name = camelCase(rest.name);
  const { type } = trailing(operation, before);
  return [
    [...fixed, `...${name}: ${many}`].join(', '),
    [...fixed, `...${name}AndOptions: [...${name}: ${many}, options: ${type}]`].join(', '),
  ];
}
