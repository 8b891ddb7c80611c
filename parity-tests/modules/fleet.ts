import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { ownProgram } from '../../foundation/system/own-program.ts';
import { CHILD_OPTIONS } from '../children.ts';
import type { Reply, Task } from './child.ts';
import type { RowReport } from './run.ts';

const CHILD = ownProgram('parity-tests/modules/child');

export interface FleetOptions {
  readonly runs: number;
  readonly seed: number;
  /** Processes at once; by default one for each core, and four at most. */
  readonly processes?: number;
  readonly onReport?: (report: RowReport) => void;
}

/** Checks rows, by their places in the list of all, in processes of their own. Reports come in the order of the rows. */
export async function checkRows(rows: readonly number[], options: FleetOptions): Promise<RowReport[]> {
  const { runs, seed, processes = Math.min(availableParallelism(), 4), onReport } = options;
  const queue = rows.map((row, place) => ({ row, place }));
  const reports: RowReport[] = [];
  const children: ChildProcess[] = [];
  try {
    await Promise.all(
      Array.from({ length: Math.min(processes, rows.length) }, async () => {
        const child = fork(CHILD, { execArgv: CHILD_OPTIONS, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
        children.push(child);
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const report = await ask(child, { row: next.row, runs, seed });
          reports[next.place] = report;
          onReport?.(report);
        }
        child.disconnect();
      }),
    );
  } finally {
    // After a failure others may still be running, and would keep this process.
    for (const child of children) if (child.connected) child.kill();
  }
  return reports;
}

function ask(child: ChildProcess, task: Task): Promise<RowReport> {
  return new Promise((resolve, reject) => {
    const done = () => {
      child.off('message', answered);
      child.off('exit', ended);
    };
    const answered = (reply: Reply) => {
      done();
      resolve(reply.report);
    };
    const ended = (code: number | null, signal: string | null) => {
      done();
      reject(
        new Error(`a process of the parity of modules ended in row ${task.row}: ${signal ?? `exit code ${code}`}`),
      );
    };
    child.once('message', answered);
    child.once('exit', ended);
    child.send(task);
  });
}
