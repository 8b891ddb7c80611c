import ts from 'typescript';

/** Whether the statement is exported. */
export function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

/** From the start of the declaration to its body. */
export function head(node: ts.FunctionLikeDeclaration, source: ts.SourceFile): string {
  const end = node.body?.getStart(source) ?? node.getEnd();
  return source.text
    .slice(node.getStart(source), end)
    .trim()
    .replace(/^export /, '');
}
