// The two measured sides, each a process that answers one request at a time.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { internals } from '../mlx/index.ts';
import type { Reply, Request } from './child.ts';

export interface Side {
  ask(request: Request): Promise<Reply>;
  stop(): void;
}

const started = new Set<ChildProcess>();

/** Ends the measured processes that still run: after an error, or when nobody reads the result any more. */
export function stopAll(): void {
  for (const child of started) child.kill();
}

function keep(child: ChildProcess): ChildProcess {
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
}

function checked(side: string, { row }: Request, reply: Reply): Reply {
  if (reply.error !== undefined) throw new Error(`${side} could not run the row ${row}: ${reply.error}`);
  return reply;
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null): void =>
      reject(new Error(`the measured Node process ended (${signal ?? code})`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

export async function startOurs(): Promise<Side> {
  const here = fileURLToPath(import.meta.url);
  // What ours prints belongs to the log: standard output is the caller's.
  const child = keep(fork(join(dirname(here), `child${extname(here)}`), { stdio: ['ignore', 2, 2, 'ipc'] }));
  await nextMessage(child);
  return {
    async ask(request) {
      const reply = nextMessage(child);
      child.send(request);
      return checked('mlx-router', request, (await reply) as Reply);
    },
    stop: () => child.disconnect(),
  };
}

/** The interpreter that the bridge uses, with the same BLAS. undefined where there is none. */
export async function startPython(): Promise<Side | undefined> {
  const details = internals.pythonBackend.status(false).details;
  const python = details['python'];
  const script = details['worker script'];
  if (typeof python !== 'string' || typeof script !== 'string') return undefined;
  const worker = join(dirname(script), '..', 'bench', 'python', 'worker.py');
  const env = { ...process.env, MLX_ROUTER_BLAS: String(details['BLAS library'] ?? '') };
  const child = keep(spawn(python, [worker], { stdio: ['pipe', 'pipe', 'inherit'], env }));
  child.once('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (done) throw new Error('the measured Python process ended; run "mlx-router doctor"');
    return JSON.parse(value);
  };
  await nextLine();
  return {
    async ask(request) {
      child.stdin?.write(`${JSON.stringify(request)}\n`);
      return checked('Python', request, (await nextLine()) as Reply);
    },
    stop: () => child.stdin?.end(),
  };
}
