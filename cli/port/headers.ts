import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, setupField } from '../package.ts';

/** A function of mlx-c as its header declares it. */
export interface CFunction {
  /** Without `mlx_`. */
  readonly name: string;
  readonly header: string;
  readonly signature: string;
  readonly parameters: readonly { readonly type: string; readonly name: string }[];
}

/** Functions that return a status and write their result through the first parameter; none where mlx-c is not built. */
export function readHeaders(): CFunction[] {
  const folder = join(root, setupField('mlxCInclude') ?? 'build/mlx-c/include', 'mlx', 'c');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.h'))
    .sort()
    .flatMap((name) => declarations(readFileSync(join(folder, name), 'utf8'), `mlx/c/${name}`));
}

export function declarations(text: string, header: string): CFunction[] {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
  return [...plain.matchAll(/^int\s+mlx_(\w+)\s*\(([^()]*)\)\s*;/gm)].map(([whole, name = '', list = '']) => ({
    name,
    header,
    signature: whole
      .replace(/\/\*.*?\*\//g, '')
      .replace(/\s+/g, ' ')
      .replace('( ', '(')
      .replace(' )', ')')
      .replaceAll(' ,', ','),
    parameters: list.split(',').flatMap((parameter) => {
      const [, type = '', own = ''] = /^\s*(.*?)\s*(\w+)\s*$/s.exec(parameter) ?? [];
      return own === '' ? [] : [{ type: type.replace(/\s+/g, ' ').replace(/^const /, ''), name: own }];
    }),
  }));
}

/** The function of the name itself first, then its variants: `sum`, `sum_axes`, `sum_axis`. */
export function matching(functions: readonly CFunction[], name: string): CFunction[] {
  return functions
    .filter((one) => one.name === name || one.name.startsWith(`${name}_`))
    .sort((a, b) => a.name.length - b.name.length);
}

const KINDS: Readonly<Record<string, string>> = {
  mlx_array: 'array',
  mlx_vector_array: 'arrays',
  bool: 'bool',
  float: 'float',
  double: 'float',
  'char*': 'string',
  mlx_dtype: 'dtype',
  'int*': 'ints',
  mlx_optional_int: 'int',
  mlx_optional_float: 'float',
  mlx_optional_dtype: 'dtype',
};

/** The parameters of a catalogue row, as far as the C function gives them: it has no defaults. */
export function rowParameters({ parameters }: CFunction): string[] {
  return parameters.flatMap(({ type, name }) => {
    if (name === 's' || /^res/.test(name) || /_num$/.test(name)) return [];
    const kind = KINDS[type] ?? (name.startsWith('axis') ? 'axis' : 'int');
    const fallback = type.startsWith('mlx_optional') ? ', null' : '';
    return [`${kind}('${name}'${fallback})`];
  });
}
