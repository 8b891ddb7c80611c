import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { commentOf } from './comments.ts';
import { head, isExported } from './declarations.ts';

/** What a page about functions written by hand takes from where. */
const SECTIONS: readonly (readonly [title: string, ...files: string[]])[] = [
  [
    'Arrays',
    'mlx/arrays/array.ts',
    'mlx/arrays/at.ts',
    'mlx/arrays/asarray.ts',
    'mlx/types.ts',
    'runtime/call-options.ts',
  ],
  [
    'Composed functions',
    'mlx/operations/unique.ts',
    'mlx/operations/atleast.ts',
    'mlx/arrays/broadcast.ts',
    'mlx/operations/depends.ts',
  ],
  ['Dtypes', 'mlx/arrays/dtypes.ts'],
  ['Evaluation and scopes', 'mlx/evaluation/evaluation.ts'],
  ['Transforms', 'mlx/transforms/grad.ts', 'mlx/transforms/products.ts', 'mlx/transforms/vmap.ts'],
  ['Compilation and custom functions', 'mlx/transforms/compile.ts', 'mlx/transforms/custom.ts'],
  ['Files', 'io/load.ts', 'io/save.ts', 'io/targets.ts'],
  ['Devices and streams', 'mlx/devices/devices.ts', 'runtime/streams.ts'],
  ['Memory', 'mlx/devices/memory.ts'],
  ['Random numbers', 'mlx/operations/random.ts'],
  ['Distributed', 'mlx/devices/distributed.ts'],
  ['Printing', 'mlx/arrays/printing.ts'],
  ['Settings', 'mlx/settings/settings.ts', 'mlx/operations/operations.ts'],
  ['Errors', 'foundation/errors/errors.ts'],
];

const NOTICE = '<!-- Written by `npm run generate` from the TypeScript sources. Do not edit. -->';

/** The page about what is no operation: every export of those files but undocumented values, as it is declared. */
export function hostPage(root: string): string {
  const sections = SECTIONS.map(([title, ...files]) => [
    `## ${title}`,
    ...files.flatMap((file) => declarations(root, file)),
  ]);
  return [
    NOTICE,
    '# Beside the operations',
    'What runs in this process whichever backend computes. The comments are those of the sources; a name under `mx` unless it ' +
      'stands with the settings or the errors, which the package exports itself.',
    ...sections.flat(),
    '',
  ].join('\n\n');
}

function declarations(root: string, file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.filter(isShown).map((statement) => {
    const comment = commentOf(statement);
    return [comment, `\`\`\`typescript\n${declared(statement, source)}\n\`\`\``]
      .filter((part) => part !== '')
      .join('\n\n');
  });
}

function isShown(statement: ts.Statement): boolean {
  // The members of an interface have comments of their own.
  return (
    isExported(statement) && (ts.isInterfaceDeclaration(statement) || ts.getJSDocCommentsAndTags(statement).length > 0)
  );
}

/** The declaration without what it does: a function's head, a class's public members, a type as it is. */
function declared(statement: ts.Statement, source: ts.SourceFile): string {
  if (ts.isFunctionDeclaration(statement)) return head(statement, source);
  if (ts.isClassDeclaration(statement)) return classText(statement, source);
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => variableText(declaration, source)).join('\n');
  }
  return statement.getText(source).replace(/^export /, '');
}

function classText(node: ts.ClassDeclaration, source: ts.SourceFile): string {
  const members = node.members.filter((member) => {
    const hidden = member.name !== undefined && ts.isPrivateIdentifier(member.name);
    return !hidden && !ts.isClassStaticBlockDeclaration(member);
  });
  const written = members.map((member) => {
    const start = member.getStart(source, true);
    const comment = source.text.slice(start, member.getStart(source));
    const text = isFunction(member) ? `${head(member, source)};` : member.getText(source);
    return `  ${comment}${text}`;
  });
  const base = node.heritageClauses?.map((clause) => ` ${clause.getText(source)}`).join('') ?? '';
  const title = `class ${node.name?.text ?? ''}${base}`;
  return written.length === 0 ? `${title} {}` : [`${title} {`, ...written, '}'].join('\n');
}

function isFunction(member: ts.ClassElement): member is ts.MethodDeclaration {
  return (
    ts.isMethodDeclaration(member) ||
    ts.isConstructorDeclaration(member) ||
    ts.isGetAccessor(member) ||
    ts.isSetAccessor(member)
  );
}

/** With its type; of an object of functions the names and heads of what is in it. */
function variableText(declaration: ts.VariableDeclaration, source: ts.SourceFile): string {
  const name = declaration.name.getText(source);
  if (declaration.type !== undefined) return `const ${name}: ${declaration.type.getText(source)}`;
  const value = declaration.initializer;
  if (value === undefined || !ts.isObjectLiteralExpression(value)) return `const ${name}`;
  const methods = value.properties.filter(ts.isMethodDeclaration);
  const written = methods.map((method) => {
    const comment = source.text.slice(method.getStart(source, true), method.getStart(source));
    return `  ${comment}${head(method, source)};`;
  });
  return [`const ${name}: {`, ...written, '}'].join('\n');
}
