import { camelCase } from '../../registry/naming.ts';
import { type Namespace, type Operation, qualifiedName } from '../../registry/operation.ts';
import { comment, publicName } from './documentation.ts';
import { NOTICE, typeImport } from './notice.ts';
import { operatorsText } from './operators.ts';
import { optionsInterface, optionsName, overloads, resultType, typeParameter } from './signature.ts';

/** Words that cannot name a constant; such an operation is exported under its name all the same. */
const RESERVED = new Set(['var', 'with', 'in', 'new', 'delete', 'function', 'default', 'switch', 'class', 'eval']);

/** The text of every generated file, unformatted, by its path under `mlx/generated`. */
export function generatedFiles(operations: readonly Operation[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const core = operations.filter(({ namespace }) => namespace === '');
  const families = [...new Set(core.map(({ family }) => family))];
  for (const family of families) {
    files.set(
      `core/${family}.ts`,
      moduleText(
        core.filter((operation) => operation.family === family),
        '../..',
      ),
    );
  }
  files.set(
    'operations.ts',
    `${NOTICE}\n${families.map((family) => `export * from './core/${family}.ts';`).join('\n')}\n`,
  );
  const namespaces: readonly Namespace[] = ['linalg', 'fft', 'random', 'fast', 'distributed'];
  for (const namespace of namespaces) {
    files.set(
      `${namespace}.ts`,
      moduleText(
        operations.filter((operation) => operation.namespace === namespace),
        '..',
      ),
    );
  }
  files.set('methods.ts', methodsText(core.filter(({ method }) => method)));
  files.set('operators.ts', operatorsText(core));
  return files;
}

function moduleText(operations: readonly Operation[], root: string): string {
  const parts = operations.map(functionText);
  const renamed = operations.map(({ name }) => camelCase(name)).filter((name) => RESERVED.has(name));
  const exports =
    renamed.length === 0 ? [] : [`export { ${renamed.map((name) => `${name}_ as ${name}`).join(', ')} };`];
  const body = [...parts, ...exports].join('\n\n');
  return [NOTICE, `import { bind } from '${root}/bind.ts';`, typeImport(body, root), '', body, ''].join('\n');
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
  // The tag tells the search for duplicate exports that this one is meant.
  return `\n/** Another name of \`${publicName(operation)}\`. @alias */\nexport const ${camelCase(alias)} = ${name};`;
}

/** The argument lists of a method that takes the numbers of its list one by one. */
function spread({ parameters }: Operation): string[] {
  const name = camelCase(parameters[1]?.name ?? '');
  return [`...${name}: number[]`, `...${name}AndOptions: [...${name}: number[], options: CallOptions]`];
}

function methodsText(operations: readonly Operation[]): string {
  const members = operations.map((operation) => {
    const name = camelCase(operation.name);
    const result = resultType(operation);
    const lists = overloads(operation, 1)
      .concat(operation.variadicMethod ? spread(operation) : [])
      .map((list) => `${name}${typeParameter(operation)}(${list}): ${result};`);
    return [comment(operation, `x.${name}`, operation.parameters.slice(1)), ...lists].join('\n');
  });
  const body = `/** The operations that are also methods of \`mx.array\`, the tensor being their first parameter. */
export interface ArrayMethods {\n${members.join('\n\n')}\n}`;
  const options = operations.filter((operation) => body.includes(optionsName(operation)));
  const imports = [...new Set(options.map(({ family }) => family))].map((family) => {
    const names = options.filter((operation) => operation.family === family).map(optionsName);
    return `import type { ${names.sort().join(', ')} } from './core/${family}.ts';`;
  });
  return [NOTICE, typeImport(body, '..'), ...imports, '', body, ''].join('\n');
}
