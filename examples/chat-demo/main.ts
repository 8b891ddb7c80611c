// Three questions to a language model of 135 million weights: natively, with mlx_lm in a Python worker, and by Python
// alone; all three have to write the same tokens.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as lm from '../../lm/index.ts';
import { configure, internals, routing } from '../../mlx/index.ts';
import { runExample } from '../shared/run.ts';
import { BLAS, MODEL, REFERENCE, SITE } from './folders.ts';

const QUESTIONS = [
  'What is the capital of France?',
  'Write one sentence about the sea.',
  'Name three primary colours.',
] as const;
const MAX_TOKENS = 48;

interface Run {
  readonly tokens: readonly number[];
  readonly tokensPerSecond: number;
}

const chatOf = (question: string) => [{ role: 'user', content: question }];

async function ask(model: lm.LanguageModel, show: boolean): Promise<Run[]> {
  const runs: Run[] = [];
  for (const question of QUESTIONS) {
    if (show) process.stdout.write(`\n> ${question}\n`);
    const tokens: number[] = [];
    for await (const { text, token, statistics } of model.stream(chatOf(question), { maxTokens: MAX_TOKENS })) {
      tokens.push(token);
      if (show) process.stdout.write(text);
      if (statistics !== undefined) runs.push({ tokens, tokensPerSecond: statistics.tokensPerSecond });
    }
    if (show) process.stdout.write('\n');
  }
  return runs;
}

/** The same by Python alone, with the same weights and the same BLAS. */
async function pythonAlone(model: lm.LanguageModel): Promise<Run[]> {
  const parent = await mkdtemp(join(tmpdir(), 'mlx-router-chat-'));
  const folder = join(parent, 'model');
  try {
    await model.save(folder);
    const { python } = internals.pythonBackend.status(false).details;
    const input = JSON.stringify({
      folder,
      site: SITE,
      blas: existsSync(BLAS) ? BLAS : null,
      prompts: QUESTIONS.map((question) => model.tokens(chatOf(question))),
      endOfText: [...model.tokenizer.eosTokenIds],
      maxTokens: MAX_TOKENS,
    });
    const { stdout } = await execa(String(python), [REFERENCE], { input, stderr: 'inherit' });
    return JSON.parse(stdout.split('\n').at(-1) as string) as Run[];
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

const median = (runs: readonly Run[]): number =>
  runs.map(({ tokensPerSecond }) => tokensPerSecond).sort((a, b) => a - b)[Math.floor(runs.length / 2)] as number;

function row(name: string, runs: readonly Run[], expected: readonly Run[]): string {
  const equal = String(runs.map(({ tokens }) => tokens)) === String(expected.map(({ tokens }) => tokens));
  return `  ${name.padEnd(26)}${median(runs).toFixed(1).padStart(8)} tokens/s   ${equal ? 'the same tokens' : 'OTHER TOKENS'}`;
}

async function run(): Promise<boolean> {
  if (!existsSync(MODEL)) {
    console.error('The model is not there: run "npm run chat-demo", which installs it.');
    return false;
  }
  configure({ pythonFolders: [SITE] });
  const start = performance.now();
  const native = await lm.load(MODEL);
  console.log(
    `SmolLM2-135M-Instruct, ${native.architecture}, native; weights ${native.weights}, ` +
      `loaded in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  const first = await ask(native, true);
  // While the first hundred tokens are written V8 still compiles what writes them.
  const ours = await ask(native, false);
  console.log('\nThe same through mlx_lm, in a Python worker and alone…');
  const alone = await pythonAlone(native);
  native.dispose();
  const worker = await lm.load(MODEL, { implementation: 'python' });
  const forced = await ask(worker, false);
  worker.dispose();

  console.log(row('native, the answers above', first, alone));
  console.log(row('native, once more', ours, alone));
  console.log(row('forced through Python', forced, alone));
  console.log(row('Python alone', alone, alone));
  console.log('\nRouting:');
  for (const { operation, calls, implementation, reason } of routing.table().slice(0, 8)) {
    console.log(`  ${operation.padEnd(32)}${calls.toLocaleString('en').padStart(10)}  ${implementation}  ${reason}`);
  }
  const text = (runs: readonly Run[]) => String(runs.map(({ tokens }) => tokens));
  return [first, ours, forced].every((runs) => text(runs) === text(alone));
}

await runExample(run);
