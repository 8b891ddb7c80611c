import { camelCase } from '../../registry/naming.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import type { Parameter } from '../../registry/parameters.ts';

export const PAGES = 'https://ml-explore.github.io/mlx/build/html/python/_autosummary';

/** `mx.linalg.svd`, `mx.expandDims`. */
export function publicName(operation: Operation): string {
  const namespace = operation.namespace === '' ? '' : `${operation.namespace}.`;
  return `mx.${namespace}${camelCase(operation.name)}`;
}

function shown(parameter: Parameter): string {
  const name = `${parameter.variadic ? '...' : ''}${camelCase(parameter.name)}`;
  if (parameter.fallback === undefined) return name;
  const value =
    typeof parameter.fallback === 'string' && parameter.kind !== 'dtype'
      ? `'${parameter.fallback}'`
      : Array.isArray(parameter.fallback)
        ? `[${parameter.fallback.join(', ')}]`
        : String(parameter.fallback);
  return `${name} = ${value}`;
}

/** `(a, axis = null, { reverse = false })`: the braces hold what is given by keyword alone. */
export function usage(parameters: readonly Parameter[]): string {
  const positional = parameters.filter((parameter) => !parameter.keywordOnly).map(shown);
  const keywords = parameters.filter((parameter) => parameter.keywordOnly).map(shown);
  return `(${[...positional, ...(keywords.length === 0 ? [] : [`{ ${keywords.join(', ')} }`])].join(', ')})`;
}

/** The comment above a function, or above a method, which does without the first parameter. */
export function comment(operation: Operation, name: string, parameters: readonly Parameter[]): string {
  const lines = [operation.doc, '', `\`${name}${usage(parameters)}\``];
  if (operation.python?.startsWith('mlx.core:')) {
    lines.push(`@see ${PAGES}/mlx.core.${qualifiedName(operation)}.html`);
  }
  return ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n');
}
