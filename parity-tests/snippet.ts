import { Dtype } from '../foundation/values/dtypes.ts';
import { Complex, Slice } from '../foundation/values/values.ts';
import { camelCase } from '../registry/naming.ts';
import { publicName } from '../registry/registry.ts';
import { type Call, type Given, mapRecipes, recipesOf, TensorRecipe, type ViewStep } from './call.ts';

/** Where a call came from, to make it again. */
export interface Origin {
  readonly seed: number;
  readonly path: string | null;
}

/** Names each tensor of the call: `a`, `b`, … */
function names(call: Call): Map<TensorRecipe, string> {
  return new Map(recipesOf(call).map((recipe, i) => [recipe, i < 26 ? String.fromCharCode(97 + i) : `t${i}`]));
}

interface Language {
  readonly atom: (value: Given) => string;
  readonly list: (items: readonly string[]) => string;
  readonly object: (entries: readonly (readonly [string, string])[]) => string;
}

function write(value: Given, known: ReadonlyMap<TensorRecipe, string>, language: Language): string {
  if (value instanceof TensorRecipe) return known.get(value) ?? '?';
  if (Array.isArray(value)) return language.list(value.map((item) => write(item, known, language)));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return language.object(Object.entries(value).map(([name, item]) => [name, write(item, known, language)] as const));
  }
  return language.atom(value);
}

function typescriptAtom(value: Given): string {
  if (value instanceof Dtype) return `mx.${value.name}`;
  if (value instanceof Complex) return `mx.Complex(${typescriptAtom(value.re)}, ${typescriptAtom(value.im)})`;
  if (value instanceof Slice) return `mx.Slice(${value.start}, ${value.stop}, ${value.step})`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (value instanceof Date) return 'new Date(0)';
  if (value instanceof Map) return 'new Map()';
  if (typeof value === 'function') return '() => 0';
  if (typeof value === 'symbol') return `Symbol(${JSON.stringify(value.description)})`;
  return String(value);
}

const TYPESCRIPT: Language = {
  atom: typescriptAtom,
  list: (items) => `[${items.join(', ')}]`,
  object: (entries) => `{ ${entries.map(([name, value]) => `${name}: ${value}`).join(', ')} }`,
};

function pythonAtom(value: Given): string {
  if (value instanceof Dtype) return `mx.${value.name === 'bool' ? 'bool_' : value.name}`;
  if (value instanceof Complex) return `complex(${pythonAtom(value.re)}, ${pythonAtom(value.im)})`;
  if (value instanceof Slice) return `slice(${[value.start, value.stop, value.step].map(pythonAtom).join(', ')})`;
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === '...') return '...';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Object.is(value, -0)) return '-0.0';
  if (typeof value === 'number' && !Number.isFinite(value))
    return `float("${String(value).replace('Infinity', 'inf')}")`;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return 'object()';
}

const PYTHON: Language = {
  atom: pythonAtom,
  list: (items) => `[${items.join(', ')}]`,
  object: (entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(', ')}}`,
};

function viewSuffix(step: ViewStep, language: Language): string {
  const none = new Map<TensorRecipe, string>();
  if (step.view === 'transpose') return `.transpose(${write(step.axes, none, language)})`;
  if (language === TYPESCRIPT) {
    if (step.view === 'slice') return `.index(${step.slices.map(typescriptAtom).join(', ')})`;
    return '';
  }
  return step.view === 'slice' ? `[${step.slices.map(pythonAtom).join(', ')}]` : '';
}

function baseText({ dtype, elements, baseShape }: TensorRecipe, language: Language): string {
  const flat = language.list(elements.map(language.atom));
  return `mx.array(${flat}, ${language.atom(dtype)}).reshape(${language.list(baseShape.map(String))})`;
}

function tensorText(recipe: TensorRecipe, language: Language, base = baseText(recipe, language)): string {
  let text = base;
  for (const step of recipe.steps) {
    const broadcast = language === PYTHON ? 'broadcast_to' : 'broadcastTo';
    if (step.view === 'broadcast') text = `mx.${broadcast}(${text}, ${language.list(step.shape.map(String))})`;
    else text += viewSuffix(step, language);
  }
  return text;
}

function origin(call: Call, { seed, path }: Origin): string {
  const name = publicName(call.operation);
  return path === null ? `${name}, seed ${seed}` : `${name}, seed ${seed}, path ${path}`;
}

/** The parts of a program around one call. */
export interface CallText {
  readonly comment: string;
  readonly imports: readonly string[];
  /** A declaration for each tensor. */
  readonly tensors: readonly string[];
  readonly expression: string;
  readonly names: ReadonlyMap<TensorRecipe, string>;
}

/** The call as an expression, whose tensors have those names. */
export function typescriptExpression(call: Call, known: ReadonlyMap<TensorRecipe, string>): string {
  const isUser = call.operation.family === 'user';
  const keywords = Object.entries(call.keywords).map(
    ([keyword, value]) => [isUser ? keyword : camelCase(keyword), write(value, known, TYPESCRIPT)] as const,
  );
  const given = call.positional.map((value) => write(value, known, TYPESCRIPT));
  const name = publicName(call.operation);
  const args = [
    ...(isUser ? [JSON.stringify(name)] : []),
    ...given,
    ...(keywords.length === 0 ? [] : [TYPESCRIPT.object(keywords)]),
  ];
  return `${isUser ? 'registry.call' : name}(${args.join(', ')})`;
}

/** The tensor of the recipe as an expression, or its views of the base that is given. */
export function typescriptTensor(recipe: TensorRecipe, base?: string): string {
  return tensorText(recipe, TYPESCRIPT, base);
}

export function typescriptCall(call: Call, from: Origin): CallText {
  const known = names(call);
  const isUser = call.operation.family === 'user';
  return {
    comment: `// ${origin(call, from)}`,
    imports: [`import { core as mx, ${isUser ? 'registry, ' : ''}shutdown } from 'mlx-router';`],
    tensors: [...known].map(([recipe, variable]) => `const ${variable} = ${tensorText(recipe, TYPESCRIPT)};`),
    expression: typescriptExpression(call, known),
    names: known,
  };
}

export function pythonCall(call: Call, from: Origin): CallText {
  const known = names(call);
  const path = call.operation.python ?? 'mlx.core:unknown';
  const [module = '', attribute = ''] = path.split(':');
  const given = call.positional.map((value, i) => {
    if (call.operation.parameters[i]?.kind !== 'index') return write(value, known, PYTHON);
    const parts = Array.isArray(value) ? value : [value];
    return `(${parts.map((part) => write(part, known, PYTHON)).join(', ')},)`;
  });
  const keywords = Object.entries(call.keywords).map(([name, value]) => `${name}=${write(value, known, PYTHON)}`);
  const callee = module === 'mlx.core' ? `mx.${attribute}` : `${module}.${attribute}`;
  return {
    comment: `# ${origin(call, from)}`,
    imports: [...(module === 'mlx.core' ? [] : [`import ${module}`]), 'import mlx.core as mx'],
    tensors: [...known].map(([recipe, variable]) => `${variable} = ${tensorText(recipe, PYTHON)}`),
    expression: `${callee}(${[...given, ...keywords].join(', ')})`,
    names: known,
  };
}

/** A program that makes the call on both backends and prints what each gives. */
export function typescriptSnippet(call: Call, from: Origin): string {
  const { comment, imports, tensors, expression } = typescriptCall(call, from);
  return [
    comment,
    ...imports,
    '',
    "for (const implementation of ['native', 'python'] as const) {",
    '  mx.withImplementation(implementation, () => {',
    ...tensors.map((line) => `    ${line}`),
    '    try {',
    `      console.log(implementation, String(${expression}));`,
    '    } catch (error) {',
    '      console.log(implementation, String(error));',
    '    }',
    '  });',
    '}',
    'await shutdown();',
  ].join('\n');
}

/** The same call in plain Python. */
export function pythonSnippet(call: Call, from: Origin): string {
  const { comment, imports, tensors, expression } = pythonCall(call, from);
  return [comment, ...imports, '', ...tensors, `print(${expression})`].join('\n');
}

/** The call in one line, for a journal or a list. */
export function oneLine(call: Call): string {
  const text = (value: Given): string =>
    write(
      mapRecipes(
        value,
        ({ dtype, shape, steps }) => `${dtype.name}[${shape}]${steps.map((step) => ` ${step.view}`).join('')}`,
      ),
      new Map(),
      TYPESCRIPT,
    );
  const keywords = Object.entries(call.keywords).map(([name, value]) => `${name}=${text(value)}`);
  return `${publicName(call.operation)}(${[...call.positional.map(text), ...keywords].join(', ')})`;
}
