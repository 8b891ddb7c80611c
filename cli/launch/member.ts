import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf } from '../../foundation/errors/message.ts';
import { prefixLines } from './lines.ts';
import { quoted, remoteScript } from './shell.ts';

/** What is started as one process of the group. */
export interface MemberPlan {
  readonly rank: number;
  readonly size: number;
  /** The host for ssh; undefined: here. */
  readonly ssh: string | undefined;
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly hostFile: string | undefined;
}

export interface End {
  /** As a shell has it: 128 and the number of the signal that ended it. */
  readonly code: number;
  /** `rank 1 was ended by SIGKILL`. */
  readonly text: string;
}

/** News of other processes, which the library looks for: native-backend/src/groups/lost.h. */
export type News = 'failed' | 'ended';

const CANNOT_START = 127;
const LAST_LINES_MS = 200;

/** A process of the group while it runs. */
export class Member {
  readonly ended: Promise<End>;
  /** It has ended, and so has what it has started, as far as that could still print something. */
  readonly closed: Promise<void>;
  readonly #child: ChildProcess;
  readonly #isRemote: boolean;
  readonly #folder: string;
  #running = true;

  /** `folder`: one of its own, which is there as long as the group. */
  constructor(plan: MemberPlan, folder: string, graceMs: number) {
    this.#folder = folder;
    this.#isRemote = plan.ssh !== undefined;
    this.#child = plan.ssh === undefined ? startHere(plan, folder) : startThere(plan, plan.ssh, graceMs);
    const { stdin, stdout, stderr } = this.#child;
    prefixLines(stdout as Readable, process.stdout, plan.rank, plan.size);
    prefixLines(stderr as Readable, process.stderr, plan.rank, plan.size);
    // It may have ended when the launcher writes.
    stdin?.on('error', () => undefined);
    this.ended = endOf(this.#child, plan);
    this.closed = new Promise((resolve) => {
      const close = (): void => {
        this.#running = false;
        resolve();
      };
      this.#child.once('close', close);
      this.#child.once('error', close);
    });
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#running) return;
    if (this.#isRemote) this.#say(`signal ${name.slice(3)}`);
    else this.#signalHere(name);
  }

  tell(news: News, text: string): void {
    if (!this.#running) return;
    if (this.#isRemote) {
      this.#say(`${news} ${text}`);
      return;
    }
    // Whoever looks sees all of it.
    const draft = join(this.#folder, 'draft');
    writeFileSync(draft, text);
    renameSync(draft, join(this.#folder, news));
  }

  /** At once, and without a chance for it to react. Of another computer's the connection ends, and with it the process. */
  kill(): void {
    if (this.#running) this.#signalHere('SIGKILL');
  }

  #say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  #signalHere(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      // With all that it has started.
      process.kill(-pid, name);
    } catch {
      // It has ended just now.
    }
  }
}

/** In a process group of its own: Ctrl-C reaches the launcher alone, which passes it on once. */
function startHere({ command, variables, hostFile }: MemberPlan, folder: string): ChildProcess {
  mkdirSync(folder);
  const env: NodeJS.ProcessEnv = { ...process.env, ...variables, MLX_ROUTER_LAUNCH: folder };
  if (hostFile !== undefined) {
    env['MLX_HOSTFILE'] = join(folder, 'hosts.json');
    writeFileSync(env['MLX_HOSTFILE'], hostFile);
  }
  const [program, ...args] = command as [string, ...string[]];
  return spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

function startThere(plan: MemberPlan, host: string, graceMs: number): ChildProcess {
  const script = remoteScript({ ...plan, folder: process.cwd(), graceMs });
  // Nobody could answer a question of ssh's: its input is the launcher's.
  const args = ['-o', 'BatchMode=yes', host, `exec sh -c ${quoted(script)}`];
  return spawn('ssh', args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
}

function endOf(child: ChildProcess, { rank, ssh, command }: MemberPlan): Promise<End> {
  const who = ssh === undefined ? `rank ${rank}` : `rank ${rank} on ${ssh}`;
  return new Promise((resolve) => {
    child.once('error', (error) => {
      const program = ssh === undefined ? command[0] : 'ssh';
      resolve({ code: CANNOT_START, text: `${who}: "${program}" cannot be started: ${messageOf(error)}` });
    });
    child.once('exit', (code, signal) => {
      const status = code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
      const name = signal ?? signalOf(ssh === undefined ? 0 : status);
      const end = { code: status, text: name ? `${who} was ended by ${name}` : `${who} ended with code ${status}` };
      // Its last lines come first, unless others hold its output open.
      const timer = setTimeout(resolve, LAST_LINES_MS, end);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(end);
      });
    });
  });
}

/** The shell of another computer says it by its code. */
function signalOf(code: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
}
