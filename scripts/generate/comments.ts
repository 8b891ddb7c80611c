import ts from 'typescript';

/** The text of the last comment above, its tags included, as Markdown. */
export function commentOf(node: ts.Node): string {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  if (comment === undefined) return '';
  const lines = comment
    .getText()
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n');
  const plain = lines.map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  return plain
    .join('\n')
    .trim()
    .replaceAll(/@(\w+)/g, '**$1:**');
}
