// What two versions of MLX offer, held against each other.

/** Public names with their signatures, as `describe.py` prints them; a name without a signature is no function. */
export interface Surface {
  readonly version: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
}

export interface SurfaceDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Names that both have, with other signatures. */
  readonly changed: readonly string[];
}

/** The names that only one side has, and those whose signatures differ. */
export function difference(before: Surface, after: Surface): SurfaceDifference {
  const names = Object.keys(after.names);
  return {
    added: names.filter((name) => !Object.hasOwn(before.names, name)),
    removed: Object.keys(before.names).filter((name) => !Object.hasOwn(after.names, name)),
    changed: names.filter(
      (name) => Object.hasOwn(before.names, name) && before.names[name]?.join('\n') !== after.names[name]?.join('\n'),
    ),
  };
}

/** The parts of a signature between its parentheses, at the outermost commas. */
function parametersOf(signature: string): string[] {
  const start = signature.indexOf('(') + 1;
  const parts = [''];
  let depth = 0;
  for (const letter of signature.slice(start)) {
    if ('([{'.includes(letter)) depth += 1;
    if (')]}'.includes(letter)) depth -= 1;
    if (depth < 0) break;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

const KINDS: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(list|collections\.abc\.Sequence|Sequence)\[(mlx\.core\.)?array\]/, 'arrays'],
  [/(scalar|float).*\barray\b|\barray\b.*scalar/, 'operand'],
  [/\barray\b/, 'array'],
  [/^bool/, 'bool'],
  [/Sequence\[int\]/, 'axes'],
  [/^int/, 'int'],
  [/^float/, 'float'],
  [/^str/, 'string'],
  [/Dtype/, 'dtype'],
];

/** A default of Python as the catalogue writes it. */
function fallbackOf(text: string): string {
  const words: Readonly<Record<string, string>> = { None: 'null', True: 'true', False: 'false' };
  return words[text] ?? text;
}

/**
 * A row of the catalogue for a function that only the newer MLX has, to begin with: kinds are guessed from Python's types,
 * and a person names the family's file, the doc and the sample.
 */
export function suggestedRow(name: string, signature: string): string {
  const own = name.split('.').at(-1) as string;
  let keywordOnly = false;
  const parameters: string[] = [];
  for (const part of parametersOf(signature)) {
    if (part === '*') keywordOnly = true;
    const [, parameter, type = '', fallback] = /^(\w+)(?::\s*(.*?))?(?:\s*=\s*(.*))?$/.exec(part) ?? [];
    if (parameter === undefined || parameter === 'self' || parameter === 'stream') continue;
    const kind = KINDS.find(([pattern]) => pattern.test(type.replace(/^None \| | \| None$/g, '')))?.[1] ?? 'any';
    const rest = [
      ...(fallback === undefined ? [] : [fallbackOf(fallback)]),
      ...(keywordOnly ? [...(fallback === undefined ? ['undefined'] : []), '{ keywordOnly: true }'] : []),
    ];
    parameters.push(`${kind}('${[parameter].join('')}'${rest.map((text) => `, ${text}`).join('')})`);
  }
  return [
    `op('${own}', [${parameters.join(', ')}], {`,
    "  doc: '…',",
    "  nativeReason: 'Not ported yet.',",
    "  sample: sample('tensor', 'float'),",
    '}),',
  ].join('\n');
}
