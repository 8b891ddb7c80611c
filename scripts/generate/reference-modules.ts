import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { commentOf } from './comments.ts';
import { head, isExported } from './declarations.ts';
import { argumentTable } from './module-arguments.ts';

/** What parity says of a public name: `nn.Linear`. */
export type ParityOf = (name: string) => string;

interface Section {
  readonly title: string;
  /** What stands before the names: `nn.losses.`. */
  readonly prefix: string;
  /** Files, or folders of files. */
  readonly paths: readonly string[];
}

interface Page {
  readonly file: string;
  readonly title: string;
  readonly about: string;
  readonly sections: readonly Section[];
}

const PAGES: readonly Page[] = [
  {
    file: 'nn.md',
    title: 'nn',
    about: 'Layers, functions of activation, losses and initializers.',
    sections: [
      {
        title: 'Modules',
        prefix: 'nn.',
        paths: ['mlx/nn/module.ts', 'mlx/nn/value-and-grad.ts', 'mlx/nn/quantize.ts'],
      },
      { title: 'Layers', prefix: 'nn.', paths: ['mlx/nn/layers'] },
      { title: 'Functions', prefix: 'nn.', paths: ['mlx/nn/activations.ts'] },
      { title: 'Losses', prefix: 'nn.losses.', paths: ['mlx/nn/losses'] },
      { title: 'Initializers', prefix: 'nn.init.', paths: ['mlx/nn/init.ts'] },
      { title: 'Between processes', prefix: 'nn.utils.', paths: ['mlx/nn/utils.ts'] },
    ],
  },
  {
    file: 'optimizers.md',
    title: 'optimizers',
    about: 'Algorithms that change parameters by their gradients, and schedules of their learning rates.',
    sections: [
      {
        title: 'Optimizers',
        prefix: 'optimizers.',
        paths: ['optimizer', 'algorithms', 'adafactor', 'muon', 'multi-optimizer'].map(
          (name) => `mlx/optimizers/${name}.ts`,
        ),
      },
      { title: 'Schedules', prefix: 'optimizers.', paths: ['mlx/optimizers/schedulers.ts'] },
      { title: 'Clipping', prefix: 'optimizers.', paths: ['mlx/optimizers/clip.ts'] },
    ],
  },
  {
    file: 'utils.md',
    title: 'utils',
    about: 'Trees of lists, plain objects and modules.',
    sections: [{ title: 'Trees', prefix: 'utils.', paths: ['mlx/utils/trees.ts'] }],
  },
];

const NOTICE =
  '<!-- Written by `npm run generate` from the TypeScript sources and the rows of parity. Do not edit. -->';

/** The reference pages of `nn`, `optimizers` and `utils`, by their names under `docs/reference`. */
export function modulePages(root: string, names: ReadonlySet<string>, parityOf: ParityOf): ReadonlyMap<string, string> {
  return new Map(PAGES.map((page) => [page.file, pageText(page, root, names, parityOf)]));
}

function pageText(
  { title, about, sections }: Page,
  root: string,
  names: ReadonlySet<string>,
  parityOf: ParityOf,
): string {
  const shown = sections.map(({ title: heading, prefix, paths }) => {
    const files = paths.flatMap((path) => filesOf(root, path)).map((file) => parsed(root, file));
    const entries = files.flatMap((source) => entriesOf(source, prefix, names, root));
    return { heading, entries };
  });
  const links = shown.flatMap(({ entries }) => entries.map(({ name }) => `[\`${name}\`](#${anchor(name)})`));
  return [
    NOTICE,
    `# ${title}`,
    `${about} How to read this page: [Reference](README.md#modules).`,
    links.join(' · '),
    ...shown.flatMap(({ heading, entries }) => [
      `## ${heading}`,
      ...entries.map(({ name, parts }) => [`### ${name}`, ...parts, `- Parity: ${parityOf(name)}`].join('\n\n')),
    ]),
    '',
  ].join('\n\n');
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll('.', '');
}

function filesOf(root: string, path: string): string[] {
  if (path.endsWith('.ts')) return [path];
  return readdirSync(join(root, path))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map((file) => `${path}/${file}`);
}

function parsed(root: string, file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

interface Entry {
  readonly name: string;
  readonly parts: readonly string[];
}

function entriesOf(source: ts.SourceFile, prefix: string, names: ReadonlySet<string>, root: string): Entry[] {
  return source.statements.filter(isExported).flatMap((statement): Entry[] => {
    if (ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)) {
      const name = nameIn(names, prefix, statement.name?.text ?? '');
      if (name === undefined) return [];
      if (ts.isClassDeclaration(statement)) return [{ name, parts: classParts(statement, source, name, root) }];
      // Overloads are one entry, and what they have in common is none of them.
      const overloads = overloadsOf(source, statement);
      if (overloads.length > 0 && overloads[0] !== statement) return [];
      return [{ name, parts: functionParts(overloads.length > 0 ? overloads : [statement], source, name) }];
    }
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap((declaration): Entry[] => {
      const name = nameIn(names, prefix, declaration.name.getText(source));
      return name === undefined ? [] : [{ name, parts: variableParts(statement, declaration, source, root) }];
    });
  });
}

function overloadsOf(source: ts.SourceFile, { name }: ts.FunctionDeclaration): ts.FunctionDeclaration[] {
  return source.statements.filter(
    (other): other is ts.FunctionDeclaration =>
      ts.isFunctionDeclaration(other) && other.name?.text === name?.text && other.body === undefined,
  );
}

/** The public name; some of a file's functions stand in `nn.layers` or `nn.utils`. */
function nameIn(names: ReadonlySet<string>, prefix: string, name: string): string | undefined {
  return [prefix, 'nn.layers.', 'nn.utils.'].map((before) => `${before}${name}`).find((whole) => names.has(whole));
}

function fence(lines: readonly string[]): string {
  return `\`\`\`typescript\n${lines.join('\n')}\n\`\`\``;
}

function functionParts(nodes: readonly ts.FunctionDeclaration[], source: ts.SourceFile, name: string): string[] {
  const about = nodes.map(commentOf).find((comment) => comment !== '') ?? '';
  const table = argumentTable(name, nodes[0] as ts.FunctionDeclaration, source) ?? '';
  return [about, fence(nodes.map((node) => head(node, source))), table].filter((part) => part !== '');
}

function isHidden(member: ts.ClassElement): boolean {
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) : undefined;
  const kinds = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword];
  const isPrivate = member.name !== undefined && ts.isPrivateIdentifier(member.name);
  return isPrivate || modifiers?.some(({ kind }) => kinds.includes(kind)) === true;
}

/** What it computes, how it is made and called, and a table of its arguments. */
function classParts(node: ts.ClassDeclaration, source: ts.SourceFile, name: string, root: string): string[] {
  const constructors = node.members.filter(ts.isConstructorDeclaration);
  const overloads = constructors.filter(({ body }) => body === undefined);
  const methods = node.members.filter(
    (member): member is ts.MethodDeclaration => ts.isMethodDeclaration(member) && !isHidden(member),
  );
  // A class that is made as its base is called as its base.
  const shared = methods.length > 0 ? [] : inherited(node, source);
  const lines = [
    ...(overloads.length > 0 ? overloads : constructors).map((own) => constructorText(own, source, name)),
    ...[...methods, ...shared].flatMap((method) => {
      const comment = commentOf(method);
      const text = `${head(method, source).replace(/^override /, '')};`;
      return comment === '' ? [text] : [...comment.split('\n').map((line) => `// ${line}`.trimEnd()), text];
    }),
  ];
  const table = argumentTable(name, node, source);
  const about = [commentOf(node) || sameFunction(name, root), fence(lines.length > 0 ? lines : [`new ${name}()`])];
  return [...about, ...(table === undefined ? [] : [table])].filter((part) => part !== '');
}

/** The public methods of the base, where the same file declares it. */
function inherited(node: ts.ClassDeclaration, source: ts.SourceFile): ts.MethodDeclaration[] {
  const base = node.heritageClauses?.[0]?.types[0]?.expression.getText(source);
  const found = source.statements.find(
    (statement): statement is ts.ClassDeclaration => ts.isClassDeclaration(statement) && statement.name?.text === base,
  );
  return Array.from<ts.ClassElement>(found?.members ?? []).filter(
    (member): member is ts.MethodDeclaration => ts.isMethodDeclaration(member) && !isHidden(member),
  );
}

/** What the function of the same name computes: of `nn.LeakyReLU`, `leakyRelu`. */
function sameFunction(name: string, root: string): string {
  return commentOfFunction(root, (name.split('.').at(-1) as string).toLowerCase());
}

function constructorText(node: ts.ConstructorDeclaration, source: ts.SourceFile, name: string): string {
  const parameters = node.parameters.map((parameter) => parameter.getText(source).replaceAll(/\s+/g, ' ')).join(', ');
  return `new ${name}(${parameters})`;
}

/** A function that is the value of a constant, or a class that was made by one. */
function variableParts(
  statement: ts.VariableStatement,
  declaration: ts.VariableDeclaration,
  source: ts.SourceFile,
  root: string,
): string[] {
  const name = declaration.name.getText(source);
  const arrow = firstArrow(declaration.initializer);
  if (arrow !== undefined) {
    const parameters = arrow.parameters.map((parameter) => parameter.getText(source)).join(', ');
    return [commentOf(statement), fence([`function ${name}(${parameters}): Tensor`])].filter((part) => part !== '');
  }
  const applied = /activations\.(\w+)/.exec(declaration.initializer?.getText(source) ?? '')?.[1];
  const about = applied === undefined ? '' : commentOfFunction(root, applied);
  return [about, fence([`new nn.${name}()`, 'forward(x: Tensor): Tensor;'])].filter((part) => part !== '');
}

function firstArrow(node: ts.Expression | undefined): ts.ArrowFunction | undefined {
  if (node === undefined || !ts.isCallExpression(node)) return undefined;
  return node.arguments.find(ts.isArrowFunction);
}

/** The comment of a function of activation: what a layer of it computes. */
function commentOfFunction(root: string, name: string): string {
  const source = parsed(root, 'mlx/nn/activations.ts');
  for (const statement of source.statements) {
    const own = ts.isFunctionDeclaration(statement)
      ? statement.name?.text
      : ts.isVariableStatement(statement)
        ? statement.declarationList.declarations[0]?.name.getText(source)
        : undefined;
    if (own === name || own?.toLowerCase() === name) return commentOf(statement);
  }
  return '';
}
