// Evaluations under way while their arrays are read, built on, dropped and evaluated again, in random order, on the main
// thread and on worker threads, with failures among them: `npm run stress -- --minutes 20`. Each round runs in a process
// of its own, so that a crash is counted and its seed printed. Ends with 1 if there was any.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';
import { round } from './interleaving.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    /** Runs one round in this process. */
    round: { type: 'string' },
  },
});

/** Far beyond a round: what takes so long hangs. */
const MOST_SECONDS = 120;
const THREADS = 2;

async function inProcess(seed: number): Promise<void> {
  const threads = Array.from({ length: THREADS }, (_, i) => {
    const worker = new Worker(new URL('thread.mjs', import.meta.url), { workerData: seed * THREADS + i + 1_000_000 });
    return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  const checks = await Promise.all([round(seed), ...threads]);
  console.log(checks.reduce((a, b) => a + b));
}

interface Ended {
  readonly output: string;
  readonly problem: string | undefined;
}

function child(seed: number): Promise<Ended> {
  const args = [...SOURCE_OPTIONS, fileURLToPath(import.meta.url), '--round', String(seed)];
  const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: MOST_SECONDS * 1000 });
  let output = '';
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    started.once('error', reject);
    started.once('close', (code, signal) => {
      resolve({ output, problem: code === 0 ? undefined : `seed ${seed} ended with ${code ?? signal}` });
    });
  });
}

async function stress(): Promise<void> {
  const end = performance.now() + Number(options.minutes) * 60_000;
  const problems: string[] = [];
  let rounds = 0;
  let checks = 0;
  for (let seed = Number(options.seed); performance.now() < end; seed++) {
    const { output, problem } = await child(seed);
    rounds++;
    checks += Number(output) || 0;
    if (problem !== undefined) problems.push(problem);
    console.error(`${rounds} rounds, ${checks} checks, ${problems.length} problems`);
  }
  console.log(JSON.stringify({ rounds, checks, problems }, null, 2));
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (options.round === undefined) await stress();
else await inProcess(Number(options.round));
