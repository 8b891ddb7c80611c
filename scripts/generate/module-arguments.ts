import ts from 'typescript';
import * as signatures from '../../mlx/arguments/signature.ts';
import { snakeCase } from '../../registry/naming.ts';

/** The table of the arguments of a constructor or a function, by what reads them: `signature('nn.Linear', { … })`. */
export function argumentTable(
  name: string,
  node: ts.ClassDeclaration | ts.FunctionDeclaration,
  source: ts.SourceFile,
): string | undefined {
  const kinds = signatureOf(name, node, source);
  if (kinds === undefined) return undefined;
  const rows = entriesOf(kinds, source).map(([argument, value]) => {
    const { expected, fallback } = kindOf(value, source);
    return `| \`${argument}\` | \`${snakeCase(argument)}\` | ${expected} | ${fallback ?? 'required'} |`;
  });
  if (rows.length === 0) return undefined;
  return ['| argument | in Python | takes | default |', '|---|---|---|---|', ...rows].join('\n');
}

/** The kinds of the call with that name; else, of a class that shares its base's, those of the base's call. */
function signatureOf(
  name: string,
  node: ts.ClassDeclaration | ts.FunctionDeclaration,
  source: ts.SourceFile,
): ts.Expression | undefined {
  let own: ts.Expression | undefined;
  let shared: ts.Expression | undefined;
  const walk = (inner: ts.Node): void => {
    if (ts.isCallExpression(inner) && inner.expression.getText(source) === 'signature') {
      const [operation, kinds] = inner.arguments;
      if (operation !== undefined && ts.isStringLiteral(operation)) {
        if (operation.text === name) own = kinds;
      } else {
        shared = kinds;
      }
    }
    ts.forEachChild(inner, walk);
  };
  walk(source);
  const isExtending =
    ts.isClassDeclaration(node) &&
    node.heritageClauses?.some((clause) => !/\b(Module|Optimizer)\b/.test(clause.getText(source)));
  return own ?? (isExtending === true ? shared : undefined);
}

/** The value of the first constant of that name, wherever in the file. */
function declarationOf(name: string, source: ts.SourceFile): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const walk = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText(source) === name) found ??= node.initializer;
    ts.forEachChild(node, walk);
  };
  walk(source);
  return found;
}

/** What the function of that name gives. */
function returnedBy(name: string, source: ts.SourceFile): ts.Expression | undefined {
  const declared = source.statements.find(
    (statement): statement is ts.FunctionDeclaration =>
      ts.isFunctionDeclaration(statement) && statement.name?.text === name,
  );
  return declared?.body?.statements.find(ts.isReturnStatement)?.expression;
}

/** Names and kinds, those that are spread from another object too. */
function entriesOf(kinds: ts.Expression, source: ts.SourceFile): [string, ts.Expression][] {
  if (ts.isIdentifier(kinds)) {
    const found = declarationOf(kinds.text, source);
    return found === undefined ? [] : entriesOf(found, source);
  }
  if (ts.isCallExpression(kinds)) {
    const found = returnedBy(kinds.expression.getText(source), source);
    return found === undefined ? [] : entriesOf(found, source);
  }
  if (!ts.isObjectLiteralExpression(kinds)) return [];
  return kinds.properties.flatMap((property): [string, ts.Expression][] => {
    if (ts.isSpreadAssignment(property)) return entriesOf(property.expression, source);
    if (ts.isPropertyAssignment(property)) return [[property.name.getText(source), property.initializer]];
    return ts.isShorthandPropertyAssignment(property) ? [[property.name.text, property.name]] : [];
  });
}

function kindOf(value: ts.Expression, source: ts.SourceFile): { expected: string; fallback?: string } {
  if (ts.isCallExpression(value)) {
    const [first, second] = value.arguments;
    const called = value.expression.getText(source);
    if (called === 'or' && first !== undefined && second !== undefined) {
      const { expected } = kindOf(first, source);
      const written = second.getText(source).replace(' as const', '');
      // The same number for each axis.
      const fallback = /\.fill\((\d+)\)$/.exec(written)?.[1] ?? written;
      return { expected: fallback === 'null' ? `${expected}, or null` : expected, fallback: `\`${fallback}\`` };
    }
    if (called === 'choice')
      return { expected: value.arguments.map((word) => `\`${word.getText(source)}\``).join(', ') };
    if (called === 'each') return { expected: 'an integer, or a list of one for each axis' };
    if (called === 'func') return { expected: 'a function' };
    if (called === 'instance') return { expected: value.arguments.at(-1)?.getText(source).replaceAll("'", '') ?? '' };
  }
  const name = value.getText(source);
  const known = (signatures as unknown as Record<string, { expected?: string } | undefined>)[name]?.expected;
  if (known !== undefined) return { expected: known };
  const declared = declarationOf(name, source);
  const text = declared?.getText(source) ?? '';
  const expected = /expected: '([^']+)'/.exec(text)?.[1];
  if (expected !== undefined) return { expected };
  return declared === undefined ? { expected: WORDS[name] ?? `\`${name}\`` } : kindOf(declared, source);
}

/** Of kinds that another file declares. */
const WORDS: Readonly<Record<string, string>> = { rate: 'a number, an array or a schedule' };
