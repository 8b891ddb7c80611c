import { describe, expect, it } from 'vitest';
import { runChild } from '../support/children.ts';

const support = new URL('../support/hostile-calls.ts', import.meta.url).href;
const random = new URL('../../fuzz/random.ts', import.meta.url).href;

/** Every native operation, some calls each; the call under way is always the last line of stderr. */
const PROGRAM = `
  import { writeSync } from 'node:fs';
  import { Random } from ${JSON.stringify(random)};
  import { hostileCall } from ${JSON.stringify(support)};
  // A pipe that is full, as its reader is slow, takes nothing for a while.
  const write = (text) => {
    for (;;) {
      try {
        return writeSync(2, text);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
      }
    }
  };
  const bytes = (a) => a.size * a.itemsize;
  const outcome = { answered: 0, refused: 0, untyped: [] };
  for (const seed of [1, 2]) {
    const random = new Random(seed);
    for (const operation of library.registry.all()) {
      if (operation.native === null || ['tri', 'eye', 'identity'].includes(operation.name)) continue;
      for (let i = 0; i < 8; i++) {
        const call = hostileCall(operation, random);
        write(call.text + '\\n');
        try {
          const result = call.run();
          const tensors = (Array.isArray(result) ? result : [result]).filter((item) => item instanceof mx.array);
          // The shape may be sound and still too large to compute here.
          if (tensors.every((tensor) => bytes(tensor) < 2e7)) mx.eval(tensors);
          outcome.answered++;
        } catch (error) {
          if (error instanceof library.MlxRouterError) outcome.refused++;
          else outcome.untyped.push(call.text + ': ' + error);
        }
      }
    }
  }
  console.log(JSON.stringify(outcome));
`;

describe('thousands of calls that mostly make no sense', () => {
  it('each give an answer or a typed error, and the process goes on', async () => {
    const ended = await runChild(PROGRAM);
    const last = ended.stderr.trimEnd().split('\n').slice(-8).join('\n');
    expect({ code: ended.code, signal: ended.signal, last: ended.code === 0 ? '' : last }).toEqual({
      code: 0,
      signal: null,
      last: '',
    });
    const outcome = JSON.parse(ended.stdout) as { answered: number; refused: number; untyped: string[] };
    expect(outcome.untyped).toEqual([]);
    expect(outcome.answered).toBeGreaterThan(300);
    expect(outcome.refused).toBeGreaterThan(1000);
  });
});
