import { readFileSync } from 'node:fs';

/** A process that was not reaped yet does not run any more. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Whether the processes have all exited within that many milliseconds. */
export async function haveEnded(pids: readonly number[], within: number): Promise<boolean> {
  const deadline = Date.now() + within;
  while (pids.some(isRunning)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
