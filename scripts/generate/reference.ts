import { gradientWords } from '../../registry/gradient.ts';
import { camelCase } from '../../registry/naming.ts';
import { FAMILIES, type Family, type NativeBinding, type Operation, qualifiedName } from '../../registry/operation.ts';
import type { Parameter } from '../../registry/parameters.ts';
import { PAGES, publicName, usage } from './documentation.ts';
import { DTYPE_WORDS, KIND_WORDS } from './reference-words.ts';
import { overloads, resultType, typeParameter } from './signature.ts';

const NOTICE = '<!-- Written by `npm run generate` from registry/catalogue. Do not edit. -->';

const IMPORT = "import { core as mx } from 'mlx-router';";

/** The reference pages of the operations, by their names under `docs/reference`: one for each family, and the matrix. */
export function referencePages(catalogue: readonly Operation[]): ReadonlyMap<string, string> {
  const families = FAMILIES.filter((family) => catalogue.some((operation) => operation.family === family));
  const pages = families.map((family): [string, string] => [`${family}.md`, familyPage(family, catalogue)]);
  return new Map([...pages, ['README.md', matrixPage(families, catalogue)]]);
}

function ofFamily(catalogue: readonly Operation[], family: Family): readonly Operation[] {
  return catalogue.filter((operation) => operation.family === family);
}

function familyPage(family: Family, catalogue: readonly Operation[]): string {
  const operations = ofFamily(catalogue, family);
  const example = operations.flatMap((operation) => operation.example ?? []);
  return [
    NOTICE,
    `# ${family}`,
    'How to read this page: [Reference](README.md#how-to-read-it).',
    ...(example.length === 0 ? [] : [fence('ts', [IMPORT, '', ...example].join('\n'))]),
    ...operations.map(entry),
    '',
  ].join('\n\n');
}

function entry(operation: Operation): string {
  const name = publicName(operation);
  const short = camelCase(operation.name);
  const signatures = overloads(operation).map(
    (list) => `${short}${typeParameter(operation)}(${list}): ${resultType(operation)}`,
  );
  return [
    `## ${name}`,
    operation.doc,
    `\`${name}${usage(operation.parameters)}\``,
    fence('typescript', signatures.join('\n')),
    ...(operation.parameters.length === 0 ? [] : [parameterTable(operation.parameters)]),
    facts(operation),
  ].join('\n\n');
}

function fence(language: string, code: string): string {
  return `\`\`\`${language}\n${code}\n\`\`\``;
}

function parameterTable(parameters: readonly Parameter[]): string {
  return ['| parameter | takes | default |', '|---|---|---|', ...parameters.map(parameterRow)].join('\n');
}

function parameterRow(parameter: Parameter): string {
  const { kind, choices, fallback, keywordOnly, variadic, nullable } = parameter;
  const words = choices === undefined ? KIND_WORDS[kind] : choices.map((word) => `\`'${word}'\``).join(', ');
  const notes = [
    variadic === true ? ', any number of them' : '',
    nullable ? ', or `null`' : '',
    keywordOnly ? '; keyword only' : '',
  ];
  const value = typeof fallback === 'string' && kind !== 'dtype' ? `'${fallback}'` : JSON.stringify(fallback);
  const shown = fallback === undefined ? (variadic === true ? '' : 'required') : `\`${value}\``;
  return `| \`${camelCase(parameter.name)}\` | ${words}${notes.join('')} | ${shown} |`;
}

function facts(operation: Operation): string {
  const { aliases = [], method, pythonReason, sample } = operation;
  const lines = [`- Result: \`${resultType(operation)}\``];
  if (sample.generator !== 'none') lines.push(`- Dtypes: ${DTYPE_WORDS[sample.dtypes]}`);
  if (sample.tolerance !== undefined) {
    lines.push(`- Backends agree within ${sample.tolerance.ulp} ULP: ${sample.tolerance.reason}`);
  }
  if (operation.gradient !== undefined) lines.push(`- Gradient: ${gradientWords(operation.gradient)}`);
  lines.push(`- Native: ${nativeWords(operation)}`);
  lines.push(`- Python: ${operation.python === null ? (pythonReason ?? 'no') : pythonWords(operation)}`);
  if (method) lines.push(`- Also a method: \`x.${camelCase(operation.name)}\``);
  if (aliases.length > 0) {
    const names = aliases.map((name) => `\`${publicName({ ...operation, name })}\``);
    lines.push(`- Other names: ${names.join(', ')}`);
  }
  return lines.join('\n');
}

function nativeWords({ native, nativeReason }: Operation): string {
  if (native === null) return `no. ${nativeReason ?? ''}`.trimEnd();
  const names = addonFunctions(native).map((name) => `\`${name}\``);
  return typeof native === 'object' && 'lowering' in native ? `composed of ${names.join(', ')}` : names.join(', ');
}

function addonFunctions(native: NativeBinding): readonly string[] {
  if (typeof native === 'string') return [native];
  if ('lowering' in native) return native.lowering;
  return [native.none, native.one, native.many].filter((name) => name !== undefined);
}

function pythonWords(operation: Operation): string {
  const path = operation.python ?? '';
  if (!path.startsWith('mlx.core:')) return `\`${path}\``;
  const name = `mlx.core.${qualifiedName(operation)}`;
  return `[\`${name}\`](${PAGES}/${name}.html)`;
}

function matrixPage(families: readonly Family[], catalogue: readonly Operation[]): string {
  const ported = catalogue.filter(({ native }) => native !== null).length;
  const links = families.map((family) => `[${family}](${family}.md)`).join(' · ');
  return [
    NOTICE,
    '# Reference',
    `${catalogue.length} operations, ${ported} of them native: ${links}.`,
    'Not operations: [arrays, files, devices, transforms and what else runs here](host.md).',
    'Of operations: [nn](nn.md), [optimizers](optimizers.md), [utils](utils.md).',
    '## How to read it',
    'An entry has the line that Python would have, the overloads, the parameters and how each backend gets the operation. Every ' +
      'overload takes `{ stream, implementation }` in the trailing object. A parameter may be given by position or by name there; ' +
      '"keyword only" ones by name alone. Native functions are named as in mlx-c, without `mlx_`. Dtypes are those over which the ' +
      'backends are compared; MLX may take more, and converts some on the way. A gradient that is there almost everywhere, or not at all, ' +
      'has its reason in the entry.',
    '## Modules',
    'An entry of [nn](nn.md), [optimizers](optimizers.md) or [utils](utils.md) says what it computes, which parameters it has and in ' +
      'which shapes, how it is made and what `forward` takes and gives, and which arguments it has, with their names in Python. ' +
      'Arguments go by position in that order, or by name in an object at the end. `Tensor` is `mx.Array`. "Parity" is what ' +
      '`mlx-router parity --modules` compares.',
    '## Support',
    ...families.map((family) => `### ${family} operations\n\n${matrix(ofFamily(catalogue, family), `${family}.md`)}`),
    '',
  ].join('\n\n');
}

const GRADIENTS = { smooth: 'yes', piecewise: 'almost everywhere', none: '' } as const;

function matrix(operations: readonly Operation[], page: string): string {
  const rows = operations.map((operation) => {
    const name = publicName(operation);
    const dtypes = operation.sample.generator === 'none' ? '' : DTYPE_WORDS[operation.sample.dtypes];
    const native = operation.native === null ? '' : 'yes';
    const python = operation.python === null ? '' : 'yes';
    const anchor = name.toLowerCase().replaceAll('.', '');
    return `| [\`${name}\`](${page}#${anchor}) | ${native} | ${python} | ${dtypes} | ${GRADIENTS[operation.gradient?.kind ?? 'none']} |`;
  });
  return ['| operation | native | Python | dtypes | gradient |', '|---|---|---|---|---|', ...rows].join('\n');
}
