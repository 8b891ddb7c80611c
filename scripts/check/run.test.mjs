import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { asOne } from './counts.mjs';
import { runSteps } from './run.mjs';

const folder = mkdtempSync(join(tmpdir(), 'steps-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const step = (name, program, more = {}) => ({
  name: `test of run ${name}`,
  commands: [[process.execPath, '-e', program]],
  ...more,
});

/** Runs the steps; gives back their outcome, and what a person sees. */
async function shown(steps) {
  const texts = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => texts.push(String(text)) > 0);
  vi.spyOn(console, 'log').mockImplementation((text) => texts.push(`${text}\n`));
  const outcome = await runSteps(steps);
  vi.restoreAllMocks();
  return { ...outcome, text: texts.join('') };
}

test('of steps beside each other, the first in their order that failed is shown, whichever ended first', async () => {
  const late = "setTimeout(() => { console.log('words of the slow one'); process.exit(3); }, 700)";
  const early = "console.log('words of the fast one'); process.exit(4)";
  const { ok, counts, text } = await shown([
    step('a', late, { beside: true }),
    step('b', early, { beside: true }),
    step('c', '', { beside: true }),
  ]);
  expect(ok).toBe(false);
  expect(counts).toEqual({ passed: 1, failed: 2, skipped: 0 });
  expect(text).toMatch(/--- test of run a ---[\s\S]*words of the slow one[\s\S]*ended with code 3/);
  expect(text).toContain('Also failed: test of run b');
  expect(text).not.toContain('words of the fast one');
});

test('two run at once, and a step without `beside` starts when all before it have ended', async () => {
  const marker = join(folder, 'marker');
  // Ends well only if the next step runs meanwhile.
  const waits = `const seen = () => require('fs').existsSync(${JSON.stringify(marker)}) || setTimeout(seen, 20); seen()`;
  const marks = `require('fs').writeFileSync(${JSON.stringify(marker)}, '')`;
  const ended = [];
  const noted = (name, program, more) => ({
    ...step(name, program, more),
    report: join(folder, name),
    counts: () => {
      ended.push(name);
      return asOne(0);
    },
  });
  const { ok, counts } = await shown([
    noted('d', waits, { beside: true }),
    noted('e', marks, { beside: true }),
    noted('f', ''),
    noted('g', '', { beside: true }),
  ]);
  expect(ok).toBe(true);
  expect(counts).toEqual({ passed: 4, failed: 0, skipped: 0 });
  expect([ended.slice(0, 2).sort(), ended.slice(2)]).toEqual([
    ['d', 'e'],
    ['f', 'g'],
  ]);
});
