// The measured processes: one per design, and Python; each answers one request at a time.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Request, Result } from './child.ts';
import type { Variant } from './variants.ts';

export interface Measured {
  readonly name: string;
  ask(workload: string, count: number): Promise<Result>;
  stop(): void;
}

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const answer = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const failed = (code: number | null): void => reject(new Error(`a measured process ended with code ${code}`));
    child.once('exit', failed);
    child.once('message', (message) => {
      child.off('exit', failed);
      resolve(message);
    });
  });

export async function startDesign(variant: Variant): Promise<Measured> {
  const child = fork(file('child.ts'), [JSON.stringify(variant)], { execArgv: ['--import', 'tsx'] });
  await answer(child);
  return {
    name: variant.name,
    ask: (workload, count) => {
      child.send({ workload, count } satisfies Request);
      return answer(child) as Promise<Result>;
    },
    stop: () => child.disconnect(),
  };
}

export async function startPython(interpreter: string): Promise<Measured> {
  const child = spawn(interpreter, [file('python.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name: 'Python',
    ask: async (workload, count) => {
      child.stdin.write(`${workload} ${count}\n`);
      const line = await lines.next();
      if (line.done) throw new Error('the Python process ended');
      return JSON.parse(line.value) as Result;
    },
    stop: () => child.stdin.end(),
  };
}
