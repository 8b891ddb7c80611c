import { camelCase } from '../../registry/naming.ts';
import { type Namespace, type Operation, qualifiedName } from '../../registry/operation.ts';
import { MOST_LINES } from '../check/lengths.mjs';
import { comment, publicName } from './documentation.ts';
import { NOTICE, typeImport } from './notice.ts';
import { operatorsText } from './operators.ts';
import { optionsInterface, optionsName, overloads, resultType, typeParameter } from './signature.ts';

/** Words that cannot name a constant; such an operation is exported under its name all the same. */
const RESERVED = new Set(['var', 'with', 'in', 'new', 'delete', 'function', 'default', 'switch', 'class', 'eval']);

/** The text of every generated file, formatted, by its path under `mlx/generated`. */
export function generatedFiles(
  operations: readonly Operation[],
  format: (text: string) => string = (text) => text,
): ReadonlyMap<string, string> {
  const core = operations.filter(({ namespace }) => namespace === '');
  const families = familiesOf(core);
  const namespaces: readonly Namespace[] = ['linalg', 'fft', 'random', 'fast', 'distributed'];
  return new Map([
    ...families.flatMap((family) =>
      moduleFiles(
        `core/${family}`,
        core.filter((operation) => operation.family === family),
        format,
      ),
    ),
    ['operations.ts', listText(families.map((family) => `./core/${family}.ts`))] as const,
    ...namespaces.flatMap((namespace) =>
      moduleFiles(
        namespace,
        operations.filter((operation) => operation.namespace === namespace),
        format,
      ),
    ),
    ...methodsFiles(
      core.filter(({ method }) => method),
      format,
    ),
    ['operators.ts', format(operatorsText(core))] as const,
  ]);
}

function familiesOf(operations: readonly Operation[]): Operation['family'][] {
  return [...new Set(operations.map(({ family }) => family))];
}

/** The functions of a family or a namespace: one file, or one that exports even parts where that would be too long. */
function moduleFiles(path: string, operations: readonly Operation[], format: (text: string) => string) {
  const root = path.includes('/') ? '../..' : '..';
  const text = format(moduleText(operations, root));
  const count = Math.ceil(lineCount(text) / MOST_LINES);
  if (count === 1) return [[`${path}.ts`, text] as const];
  const parts = evenParts(operations, count);
  const names = parts.map((_, i) => `${path}-${i + 1}.ts`);
  return [
    [`${path}.ts`, listText(names.map((name) => `./${name.split('/').at(-1)}`))] as const,
    ...parts.map((part, i) => [names[i] as string, format(moduleText(part, root))] as const),
  ];
}

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}

/** So many lists in the operations' order, of about the same length as text. */
function evenParts(operations: readonly Operation[], count: number): Operation[][] {
  const lengths = operations.map((operation) => functionText(operation).length);
  const share = lengths.reduce((sum, length) => sum + length, 0) / count;
  const parts: Operation[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const [i, operation] of operations.entries()) {
    const length = lengths[i] as number;
    parts[Math.min(Math.floor((before + length / 2) / share), count - 1)]?.push(operation);
    before += length;
  }
  return parts;
}

function listText(paths: readonly string[]): string {
  return `${NOTICE}\n${paths.map((path) => `export * from '${path}';`).join('\n')}\n`;
}

function moduleText(operations: readonly Operation[], root: string): string {
  const parts = operations.map(functionText);
  const renamed = operations.map(({ name }) => camelCase(name)).filter((name) => RESERVED.has(name));
  const exports =
    renamed.length === 0 ? [] : [`export { ${renamed.map((name) => `${name}_ as ${name}`).join(', ')} };`];
  const body = [...parts, ...exports].join('\n\n');
  return [NOTICE, `import { bind } from '${root}/operations/bind.ts';`, typeImport(body, root), '', body, ''].join(
    '\n',
  );
}

function functionText(operation: Operation): string {
  const name = camelCase(operation.name);
  const result = resultType(operation);
  const lists = overloads(operation);
  const own = typeParameter(operation);
  const type =
    lists.length === 1
      ? `${own}(${lists[0]}) => ${result}`
      : `{\n${lists.map((list) => `  ${own}(${list}): ${result};`).join('\n')}\n}`;
  const declaration = RESERVED.has(name) ? `const ${name}_` : `export const ${name}`;
  const options = optionsInterface(operation, publicName(operation));
  return [
    ...(options === undefined ? [] : [options, '']),
    comment(operation, publicName(operation), operation.parameters),
    `${declaration} = bind('${qualifiedName(operation)}') as ${type};`,
    ...(operation.aliases ?? []).map((alias) => aliasText(operation, alias)),
  ].join('\n');
}

function aliasText(operation: Operation, alias: string): string {
  const name = camelCase(operation.name);
  // The tag marks this duplicate export as intended.
  return `\n/** Another name of \`${publicName(operation)}\`. @alias */\nexport const ${camelCase(alias)} = ${name};`;
}

/** The argument lists of a method that takes the numbers of its list one by one. */
function spread({ parameters }: Operation): string[] {
  const name = camelCase(parameters[1]?.name ?? '');
  return [`...${name}: number[]`, `...${name}AndOptions: [...${name}: number[], options: CallOptions]`];
}

function methodsName(family: string): string {
  return `${family[0]?.toUpperCase()}${family.slice(1)}Methods`;
}

/** One file for the methods of each family, and one for all of them. */
function methodsFiles(operations: readonly Operation[], format: (text: string) => string) {
  const families = familiesOf(operations);
  const all = [
    NOTICE,
    ...families.map((family) => `import type { ${methodsName(family)} } from './methods/${family}.ts';`),
    '',
    '/** The operations that are also methods of `mx.array`, the tensor being their first parameter. */',
    `export interface ArrayMethods extends ${families.map(methodsName).join(', ')} {}`,
    '',
  ].join('\n');
  return [
    ['methods.ts', format(all)] as const,
    ...families.map((family) => {
      const text = methodsText(
        family,
        operations.filter((operation) => operation.family === family),
      );
      return [`methods/${family}.ts`, format(text)] as const;
    }),
  ];
}

function methodsText(family: string, operations: readonly Operation[]): string {
  const members = operations.map((operation) => {
    const name = camelCase(operation.name);
    const result = resultType(operation);
    const lists = overloads(operation, 1)
      .concat(operation.variadicMethod ? spread(operation) : [])
      .map((list) => `${name}${typeParameter(operation)}(${list}): ${result};`);
    return [comment(operation, `x.${name}`, operation.parameters.slice(1)), ...lists].join('\n');
  });
  const body = `export interface ${methodsName(family)} {\n${members.join('\n\n')}\n}`;
  const options = operations.map(optionsName).filter((name) => body.includes(name));
  const imports =
    options.length === 0 ? [] : [`import type { ${options.sort().join(', ')} } from '../core/${family}.ts';`];
  return [NOTICE, typeImport(body, '../..'), ...imports, '', body, ''].join('\n');
}
