const SUBJECTS = ['the cat', 'a small model', 'the old library', 'one worker', 'my neighbour', 'the river', 'a tensor'];
const VERBS = ['finds', 'reads', 'carries', 'forgets', 'measures', 'paints', 'follows', 'answers', 'keeps'];
const OBJECTS = ['a long letter', 'the last word', 'seven numbers', 'an empty room', 'the same question'];
const PLACES = ['in the garden', 'before noon', 'without a sound', 'on two cores', 'near the sea', 'once more'];

const at = (list: readonly string[], index: number): string => list[index % list.length] as string;

/** Texts of one to five clauses, always the same. */
export function sentences(count: number): string[] {
  const clause = (i: number): string => `${at(SUBJECTS, i)} ${at(VERBS, i * 5)} ${at(OBJECTS, i * 3)} ${at(PLACES, i)}`;
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: 1 + (i % 5) }, (_, part) => clause(i + 11 * part)).join(' and '),
  );
}

/** The words of the texts, for a tokenizer that knows just these. */
export function words(): string[] {
  return [...new Set([...SUBJECTS, ...VERBS, ...OBJECTS, ...PLACES, 'and'].flatMap((text) => text.split(' ')))];
}
