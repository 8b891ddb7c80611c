import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Bytes of memory of the process's own that the system gives it, shared ones left out; 0 where that cannot be known. */
export async function residentBytes(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
    return Math.max(0, kilobytes(status, /^VmRSS:\s+(\d+)/m) - kilobytes(status, /^RssShmem:\s+(\d+)/m)) * 1024;
  }
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => {
      resolve(error === null ? (Number.parseInt(stdout, 10) || 0) * 1024 : 0);
    });
  });
}

function kilobytes(text: string, line: RegExp): number {
  return Number(line.exec(text)?.[1] ?? 0);
}
