// The two measured sides, each a process that answers one request at a time.
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa, execaNode } from 'execa';
import { ownProgram } from '../foundation/system/own-program.ts';
import { internals } from '../mlx/index.ts';
import { disregard } from '../registry/arguments/promises.ts';
import type { Reply, Request } from './child.ts';

export interface Side {
  ask(request: Request): Promise<Reply>;
  stop(): void;
}

interface Started {
  kill(): boolean;
  once(event: 'exit', listener: () => void): unknown;
}

const started = new Set<Started>();

/** Ends the measured processes that still run: after an error, or when the result is no longer read. */
export function stopAll(): void {
  for (const child of started) child.kill();
}

function keep<T extends Started>(child: T): T {
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
}

function checked(side: string, { row }: Request, reply: Reply): Reply {
  if (reply.error !== undefined) throw new Error(`${side} could not run the row ${row}: ${reply.error}`);
  return reply;
}

export async function startOurs(env: NodeJS.ProcessEnv = {}): Promise<Side> {
  return startNode(ownProgram('bench/child'), 'mlx-router', env, process.execArgv);
}

/** A Node process that answers messages. */
export async function startNode(
  script: string,
  side: string,
  env: NodeJS.ProcessEnv,
  nodeOptions: readonly string[] = [],
): Promise<Side> {
  const child = keep(
    execaNode(script, {
      ipc: true,
      nodeOptions,
      env,
      stdin: 'ignore',
      // What ours prints belongs to the log: standard output is the caller's.
      stdout: 2,
      stderr: 2,
      buffer: false,
      reject: false,
    }),
  );
  const ended = child.then(({ signal, exitCode }) => {
    throw new Error(`the measured Node process ended (${signal ?? exitCode})`);
  });
  // A pending read of a message fails with it; after the last one it is no error.
  disregard(ended);
  const next = (): Promise<unknown> => child.getOneMessage().catch(() => ended);
  await next();
  return {
    async ask(request) {
      const reply = next();
      await child.sendMessage({ ...request });
      return checked(side, request, (await reply) as Reply);
    },
    stop: () => child.disconnect(),
  };
}

/** A program that answers a line with a line of JSON. */
export async function startLines(
  side: string,
  program: readonly [file: string, ...args: string[]],
  env: NodeJS.ProcessEnv,
  lineOf: (request: Request) => string,
): Promise<Side> {
  const [file, ...args] = program;
  const child = keep(
    execa(file, args, { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit', buffer: false, reject: false, env }),
  );
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`the measured ${side} process ended; run "mlx-router doctor"`);
    return JSON.parse(value);
  };
  await nextLine();
  return {
    async ask(request) {
      child.stdin.write(`${lineOf(request)}\n`);
      return checked(side, request, (await nextLine()) as Reply);
    },
    stop: () => child.stdin.end(),
  };
}

/** The interpreter that the bridge uses, with the same BLAS. undefined where there is none. */
export async function startPython(more: NodeJS.ProcessEnv = {}): Promise<Side | undefined> {
  const details = internals.pythonBackend.status(false).details;
  const python = details['python'];
  const script = details['worker script'];
  if (typeof python !== 'string' || typeof script !== 'string') return undefined;
  const worker = join(dirname(script), '..', 'bench', 'python', 'worker.py');
  const env = { ...process.env, ...more, MLX_ROUTER_BLAS: String(details['BLAS library'] ?? '') };
  return startLines('Python', [python, worker], env, JSON.stringify);
}
