/** The page with what stands between its two marks of that name replaced; throws where the marks are missing. */
export function between(page: string, name: string, text: string): string {
  const [opening, closing] = [`<!-- ${name}: written by npm run generate -->`, `<!-- end of ${name} -->`];
  const start = page.indexOf(opening);
  const end = page.indexOf(closing);
  if (start === -1 || end < start) throw new Error(`the page has lost its marks: ${opening} and ${closing}`);
  return `${page.slice(0, start + opening.length)}\n\n${text}\n\n${page.slice(end)}`;
}
