import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/**
 * Bytes of memory that the process alone has, 0 where that cannot be known. Shared memory and mapped files are left out
 * on Linux; elsewhere they count.
 */
export async function residentBytes(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
    return Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  }
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => {
      resolve(error === null ? (Number.parseInt(stdout, 10) || 0) * 1024 : 0);
    });
  });
}
