import ts from 'typescript';

/**
 * The text of the last comment above, its tags included, as Markdown. What is code in it is no whole program: the tests of
 * the documentation do not run it.
 */
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
    .replaceAll(/^```ts$/gm, '<!-- not run: an excerpt -->\n```ts')
    .replaceAll(/@(\w+)/g, '**$1:**');
}
