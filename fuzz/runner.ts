import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SOURCE_OPTIONS } from '../foundation/from-source/options.ts';
import { readJournal } from '../parity-tests/journal.ts';
import { emptyTally, type FaultKind, type Side, signatureOf } from './attack.ts';
import type { Done, Entry, Found, Task } from './child.ts';

export interface Limits {
  /** A step that takes longer hangs. */
  readonly hangMs: number;
  /** Bytes of data that a process may have: more is refused by the system, and half as much again ends it. */
  readonly memory: number;
}

export interface Outcome extends Done {
  /** The seed to go on with after a process that ended. */
  readonly endedAt?: number;
}

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** How often a process is looked at. */
const LOOK_MS = 250;
/** Bytes of what it writes on stderr that are kept. */
const STDERR_BYTES = 1 << 14;

/** A process that runs programs until one ends it; the next program then starts another. */
export class Runner {
  readonly #side: Side;
  readonly #limits: Limits;
  readonly #folder = mkdtempSync(join(tmpdir(), 'mlx-router-fuzz-'));
  #child: ChildProcess | undefined;
  #stderr = '';
  #exit: Promise<string> | undefined;
  /** The most memory of any process so far, in bytes. */
  peak = 0;

  constructor(side: Side, limits: Limits) {
    this.#side = side;
    this.#limits = limits;
  }

  async run(task: Task): Promise<Outcome> {
    const child = this.#child ?? (await this.#start());
    const done = new Promise<Done | undefined>((resolve) => {
      child.once('message', (message) => resolve(message as Done));
      void this.#exit?.then(() => resolve(undefined));
    });
    child.send(task);
    let end: FaultKind = 'crash';
    const stop = this.#watch(child, (kind) => {
      end = kind;
      child.kill('SIGKILL');
    });
    const answer = await done;
    stop();
    if (answer !== undefined) return answer;
    const how = (await this.#exit) ?? 'an unknown end';
    this.#child = undefined;
    return this.#ended(end, how);
  }

  async close(): Promise<void> {
    if (this.#child?.connected) {
      this.#child.disconnect();
      const late = setTimeout(() => this.#child?.kill('SIGKILL'), 20_000);
      await this.#exit;
      clearTimeout(late);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #journal(): string {
    return join(this.#folder, 'journal');
  }

  async #start(): Promise<ChildProcess> {
    rmSync(this.#journal, { force: true });
    const limit = `ulimit -d ${Math.floor(this.#limits.memory / 1024)} 2>/dev/null; exec "$@"`;
    const node = [process.execPath, '--expose-gc', ...SOURCE_OPTIONS, CHILD, this.#journal];
    // The sanitizers map more than any limit allows.
    const isSanitized = process.env['ASAN_OPTIONS'] !== undefined;
    const [command, ...args] = isSanitized ? node : ['sh', '-c', limit, 'sh', ...node];
    const child = spawn(command!, args, {
      cwd: this.#folder,
      env: { ...process.env, MLX_ROUTER_PREFER_NATIVE: this.#side === 'native' ? '1' : '0', NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // A group of its own: a program may signal its own group.
      detached: true,
    });
    this.#child = child;
    this.#stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_BYTES);
    });
    this.#exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const ready = await Promise.race([new Promise((resolve) => child.once('message', resolve)), this.#exit]);
    if (ready !== 'ready') throw new Error(`a process could not start: ${ready}\n${this.#stderr}`);
    return child;
  }

  /** Looks at the process until it is stopped; reports a step that takes too long, and too much memory. */
  #watch(child: ChildProcess, report: (kind: FaultKind) => void): () => void {
    let step = '';
    let since = performance.now();
    const timer = setInterval(() => {
      const memory = memoryOf(child.pid ?? 0);
      this.peak = Math.max(this.peak, memory.peak);
      if (memory.now > 1.5 * this.#limits.memory) report('memory');
      const entry = this.#entry();
      const now = `${entry?.seed} ${entry?.at}`;
      if (now !== step) {
        step = now;
        since = performance.now();
      } else if (performance.now() - since > this.#limits.hangMs) report('hang');
    }, LOOK_MS);
    return () => clearInterval(timer);
  }

  #entry(): Entry | undefined {
    try {
      return readJournal<Entry>(this.#journal);
    } catch {
      // Half of it is written just now.
      return undefined;
    }
  }

  #ended(kind: FaultKind, how: string): Outcome {
    const entry = this.#entry();
    if (entry === undefined) throw new Error(`a process ended before its first step: ${how}\n${this.#stderr}`);
    const { seed, steps, at, tally, found } = entry;
    const message = [kind === 'crash' ? how : kind, ...lastWords(this.#stderr)].join(': ');
    const step = steps[Math.min(at, steps.length - 1)] ?? '';
    const place = kind === 'crash' && at < steps.length ? (/mx(?:\.\w+)+/.exec(step)?.[0] ?? step) : 'at the end';
    const fault: Found = { kind, message, signature: signatureOf(kind, message, place), steps, at };
    const most = { ...emptyTally(), ...tally };
    return {
      tally: { ...most, programs: most.programs + 1, calls: most.calls + at + 1 },
      found: [...found, fault],
      thrown: [],
      endedAt: seed,
    };
  }
}

/** What a sanitizer, MLX or Node said at the end; of an error that nothing caught, its text and where it came from. */
function lastWords(stderr: string): string[] {
  const line =
    /(SUMMARY: .*|runtime error: .*|FATAL ERROR: .*|terminate called.*|what\(\): .*|malloc.*|.*corrupted.*)/.exec(
      stderr,
    );
  if (line !== null) return [line[0].trim()];
  const uncaught = /^(?:\w*Error\b.*)(?:\n(?!\s+at ).*)*(?:\n\s+(at .*))?/m.exec(stderr);
  return uncaught === null ? [] : [uncaught[0].replace(/\s*\n\s*/g, ' ')];
}

/** Bytes that a process holds, now and at most so far. */
function memoryOf(pid: number): { now: number; peak: number } {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0);
    return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 };
  } catch {
    // It has ended, or this system does not report it.
    return { now: 0, peak: 0 };
  }
}
