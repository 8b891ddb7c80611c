// Mixed traffic to a pool of workers that are killed at random moments. Nothing may be wrong, lost or left behind:
// `npm run soak -- --minutes 10`. Ends with 1 otherwise; the summary is JSON.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { messageOf } from '../../foundation/errors/message.ts';
import { configure, core as mx, shutdown, TensorLostError } from '../../mlx/index.ts';
import { Draws } from './draws.ts';
import { type Traffic, traffic } from './traffic.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '4' },
    clients: { type: 'string', default: '6' },
    /** Mean seconds between two kills; 0: none. */
    kill: { type: 'string', default: '2' },
  },
});

/** Results of functions that call back are not made again: the program calls again. See docs/recovery.md. */
const MAY_BE_LOST: ReadonlySet<string> = new Set(['gradient']);
const MOST_GROWTH_MIB = 64;
/** Long enough for everything to be loaded, compiled and cached once. */
const WARM_SHARE = 0.2;

/** Every worker that was ever started. */
const pids = new Set<number>();
const started = (message: string, facts: unknown) => {
  if (message === 'mlx-router worker: started') pids.add((facts as { pid: number }).pid);
};
const nothing = () => undefined;
const logger = { error: nothing, warn: nothing, info: started, debug: nothing, verbose: nothing };
diag.setLogger(logger, { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true });

/** MiB of this process's own: what it shares with each running worker comes and goes with that. */
function ownMemory(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'latin1') : '';
  const kibibytes = /^RssAnon:\s+(\d+)/m.exec(status)?.[1];
  return Math.round(kibibytes === undefined ? process.memoryUsage.rss() / 2 ** 20 : Number(kibibytes) / 2 ** 10);
}

function reading() {
  return {
    ownMemory: ownMemory(),
    descriptors: existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : null,
  };
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const counts = { checks: 0, wrong: 0, lost: 0, interrupted: 0, kills: 0 };
const byKind: Record<string, number> = {};
const mistakes: string[] = [];

/** One thing after the other until the end; what a kill may interrupt is done again. */
async function client(draws: Draws, end: number): Promise<void> {
  while (performance.now() < end) {
    const kind = draws.one(Object.keys(traffic) as (keyof typeof traffic)[]);
    const run: Traffic = traffic[kind];
    try {
      const problem = await run(draws);
      counts.checks++;
      byKind[kind] = (byKind[kind] ?? 0) + 1;
      if (problem !== undefined) note('wrong', kind, problem);
    } catch (error) {
      const text = messageOf(error);
      if (error instanceof TensorLostError && !MAY_BE_LOST.has(kind)) note('lost', kind, text);
      else if (error instanceof TensorLostError || /SIGKILL|was ended|started again|gone with its worker/.test(text))
        counts.interrupted++;
      else note('wrong', kind, error instanceof Error ? (error.stack ?? text) : text);
    }
    // Synchronous traffic would starve the other clients.
    await sleep(0);
  }
}

function note(what: 'wrong' | 'lost', kind: string, text: string): void {
  counts[what]++;
  if (mistakes.length < 10) mistakes.push(`${kind}: ${text}`);
}

async function killer(draws: Draws, end: number, mean: number): Promise<void> {
  if (mean === 0) return;
  while (performance.now() < end) {
    await sleep(1000 * mean * (0.25 + 1.5 * draws.share()));
    const living = [...pids].filter(alive);
    if (living.length === 0) continue;
    process.kill(draws.one(living), 'SIGKILL');
    counts.kills++;
  }
}

configure({ poolSize: Number(options.workers), pythonModules: ['json'] });
const duration = Number(options.minutes) * 60_000;
const seed = Number(options.seed);
const start = performance.now();
const end = start + duration;
const clients = Array.from({ length: Number(options.clients) }, (_, i) => client(new Draws(seed * 1000 + i), end));
const killing = killer(new Draws(seed * 1000 + 999), end, Number(options.kill));
await sleep(WARM_SHARE * duration);
const warm = reading();
await Promise.all([...clients, killing]);
const last = reading();
mx.clearCache();
await shutdown();
for (let i = 0; i < 100 && [...pids].some(alive); i++) await sleep(50);
const orphans = [...pids].filter(alive);
const growth = last.ownMemory - warm.ownMemory;
const summary = {
  minutes: Number(options.minutes),
  ...counts,
  workers: pids.size,
  byKind,
  orphans: orphans.length,
  warm,
  last,
  mistakes,
};
console.log(JSON.stringify(summary, null, 2));
const leaks = last.descriptors !== null && warm.descriptors !== null && last.descriptors > warm.descriptors + 16;
const good = counts.wrong + counts.lost + orphans.length === 0 && growth <= MOST_GROWTH_MIB && !leaks;
process.exitCode = good ? 0 : 1;
