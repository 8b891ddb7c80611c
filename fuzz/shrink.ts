import type { Steps } from './attack.ts';

/** Whether a program still has the fault. */
export type Check = (steps: Steps) => Promise<boolean>;

/** The smallest program found that still has the fault: steps left out first, then arguments, then made plainer. */
export async function shrink(steps: Steps, hasFault: Check, isTimeUp: () => boolean): Promise<Steps> {
  let best = steps;
  for (let isSmaller = true; isSmaller && !isTimeUp(); ) {
    isSmaller = false;
    for (const candidate of candidates(best)) {
      if (isTimeUp()) break;
      if (!(await hasFault(candidate))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** Halves of the steps, single ones, then parts of each. Each is shorter than the program, so this ends. */
function* candidates(steps: Steps): Generator<Steps> {
  const half = steps.length >> 1;
  if (half > 1) {
    yield steps.slice(half);
    yield steps.slice(0, half);
  }
  if (steps.length > 1) for (let i = steps.length - 1; i >= 0; i--) yield steps.filter((_, at) => at !== i);
  for (const [i, step] of steps.entries()) {
    for (const shorter of shorterSteps(step)) yield steps.map((old, at) => (at === i ? shorter : old));
  }
}

const PLAIN = ['1', '[]', 'mx.array(1)', 'mx.array([1, 2])'];

/** The step with an item of some bracket left out, or with one replaced by a plain value, or by a part of itself. */
export function* shorterSteps(step: string): Generator<string> {
  const put = (from: number, to: number, text: string) => step.slice(0, from) + text + step.slice(to);
  for (const group of groupsOf(step)) {
    for (const [i, { from, to }] of group.entries()) {
      const next = group[i + 1];
      const before = group[i - 1];
      if (next !== undefined) yield put(from, next.from, '');
      else if (before !== undefined) yield put(before.to, to, '');
      else yield put(from, to, '');
      for (const plain of PLAIN) if (plain.length < to - from) yield put(from, to, plain);
      for (const inner of groupsOf(step.slice(from, to))) {
        for (const part of inner)
          if (part.to - part.from < to - from) yield put(from, to, step.slice(from + part.from, from + part.to));
      }
    }
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The items between commas of every bracket, outermost first. Texts in quotes are passed over. */
function groupsOf(text: string): Span[][] {
  const open: { spans: Span[]; from: number; at: number }[] = [];
  const groups: { at: number; spans: Span[] }[] = [];
  const trimmed = (from: number, to: number): Span => {
    const part = text.slice(from, to);
    return { from: from + part.length - part.trimStart().length, to: from + part.trimEnd().length };
  };
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (quote !== '') {
      if (letter === '\\') i++;
      else if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'" || letter === '`') quote = letter;
    else if (letter in CLOSING) open.push({ spans: [], from: i + 1, at: i });
    else if (letter === ',') {
      const group = open.at(-1);
      if (group === undefined) continue;
      group.spans.push(trimmed(group.from, i));
      group.from = i + 1;
    } else if (letter === ')' || letter === ']' || letter === '}') {
      const group = open.pop();
      if (group === undefined) continue;
      const last = trimmed(group.from, i);
      if (last.to > last.from) group.spans.push(last);
      if (group.spans.length > 0) groups.push({ at: group.at, spans: group.spans });
    }
  }
  return groups.sort((one, other) => one.at - other.at).map(({ spans }) => spans);
}
