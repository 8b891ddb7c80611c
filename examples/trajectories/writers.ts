import { createHash } from 'node:crypto';
import * as lm from '../../lm/index.ts';
import { core as mx } from '../../mlx/index.ts';
import { WRITER_MODEL } from './folders.ts';
import type { Plan } from './plan.ts';

/** What a text is made from the one before, in turn. */
export const ROLES = ['generate', 'describe'] as const;
export type Role = (typeof ROLES)[number];

/** Writes the next text of a run. The same text and seed give the same. */
export interface Writer extends Disposable {
  next(role: Role, text: string, seed: number): Promise<string>;
}

const MOST_TOKENS = 32;
const REQUESTS: Readonly<Record<Role, string>> = {
  generate: 'Write the scene of a story, in one or two sentences, about this',
  describe: 'Describe in one short sentence what this text is about',
};

export async function openWriter({ writer }: Plan): Promise<Writer> {
  if (writer === 'dummy') return dummy;
  const model = await lm.load(WRITER_MODEL);
  return {
    async next(role, text, seed) {
      const question = { role: 'user', content: `${REQUESTS[role]}: ${text}` };
      const options = { maxTokens: MOST_TOKENS, temperature: 0.8, topP: 0.95, seed };
      return (await model.generate([question], options)).text.trim();
    },
    [Symbol.dispose]: () => model.dispose(),
  };
}

const WORDS = 'sea ship storm harbour light rope sail wind night star shore bird rain fog bell wave'.split(' ');
const LENGTH = 10;

/** Keeps most words of a text, and draws the others. */
const dummy: Writer = {
  async next(role, text, seed) {
    const changed = role === 'generate' ? 3 : 1;
    const draws = mx.tidy(() => {
      const key = mx.random.key(numberOf(`${role} ${seed} ${text}`));
      return mx.random.randint(0, WORDS.length * LENGTH, [changed], { key }).tolist() as number[];
    });
    const words = [...text.split(/\s+/), ...WORDS].slice(0, LENGTH);
    for (const draw of draws) words[draw % LENGTH] = WORDS[Math.floor(draw / LENGTH)] as string;
    return words.join(' ');
  },
  [Symbol.dispose]: () => undefined,
};

/** A number that depends on a text and nothing else. */
export function numberOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE();
}
