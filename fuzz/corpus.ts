import { appendFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Steps } from './attack.ts';

const FILE = fileURLToPath(new URL('./corpus.jsonl', import.meta.url));

export interface Remembered {
  /** What it once was. */
  readonly was: string;
  readonly steps: Steps;
}

/** What once failed, in the order in which it was found. */
export function corpus(): Remembered[] {
  const lines = readFileSync(FILE, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Remembered);
}

/** Writes what is not there yet at the end. */
export function remember(found: readonly Remembered[]): void {
  const known = new Set(corpus().map(({ steps }) => JSON.stringify(steps)));
  const fresh = found.filter(({ steps }) => !known.has(JSON.stringify(steps)));
  appendFileSync(FILE, fresh.map(({ was, steps }) => `${JSON.stringify({ was, steps })}\n`).join(''));
}
