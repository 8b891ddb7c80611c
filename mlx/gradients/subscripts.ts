const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export interface Labelled {
  /** One letter for each axis of each operand. */
  readonly operands: readonly string[];
  readonly output: string;
  /** Letters that stand for nothing yet. */
  readonly fresh: () => Iterator<string>;
}

/** Einstein's notation with every axis named: letters for `...`, and the result that the text leaves out. */
export function labelled(text: string, shapes: readonly (readonly number[])[]): Labelled {
  const [left = '', right] = text.replaceAll(' ', '').split('->');
  const given = left.split(',');
  const dots = Math.max(...given.map((labels, i) => (labels.includes('...') ? rest(labels, shapes[i]) : 0)));
  const free = [...LETTERS].filter((letter) => !text.includes(letter));
  const broadcast = free.splice(0, dots).join('');
  // The axes of `...` are matched from the last one.
  const spell = (labels: string, count: number) => labels.replace('...', broadcast.slice(dots - count));
  const operands = given.map((labels, i) => spell(labels, rest(labels, shapes[i])));
  const output = spell(right ?? implicit(given), dots);
  return { operands, output, fresh: () => free[Symbol.iterator]() };
}

/** How many axes `...` stands for. */
function rest(labels: string, shape: readonly number[] = []): number {
  return labels.includes('...') ? shape.length - (labels.length - '...'.length) : 0;
}

/** The labels that stand once, in the order of the alphabet, behind the axes of `...`. */
function implicit(operands: readonly string[]): string {
  const all = operands.join('').replaceAll('...', '');
  const once = [...new Set(all)].filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort();
  return (operands.some((labels) => labels.includes('...')) ? '...' : '') + once.join('');
}
