import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { crypto } from './late-modules.ts';

/** `mlx-router-`, where process ids count, the process and when it began, and what makes it unique. */
const NAME = /^mlx-router-([0-9a-f]{8})-(\d+)-(\d+)-\w{6}$/;

/** Those of this process that are there. */
const open = new Set<string>();
const swept = new Set<string>();

/** Makes a folder that only this user can enter. It goes with this process at the latest; see `sweepOnce`. */
export function makeTemporaryFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, `mlx-router-${space()}-${process.pid}-${beginning(process.pid) ?? 0}-`));
  if (open.size === 0) process.on('exit', removeAll);
  open.add(folder);
  return folder;
}

export function removeTemporaryFolder(folder: string): void {
  open.delete(folder);
  if (open.size === 0) process.off('exit', removeAll);
  remove(folder);
}

/**
 * Removes what processes have left in `parent` that ended without a chance to clean up: a signal ended them, or the thread
 * that had made the folder. Only what is this user's, a folder and no link, and what a process had made that is gone for
 * certain: of another container or computer, whose processes have other numbers, nothing is touched. Looks once.
 */
export function sweepOnce(parent: string): void {
  if (swept.has(parent)) return;
  swept.add(parent);
  for (const name of namesIn(parent)) {
    const [, where, pid, began] = NAME.exec(name) ?? [];
    if (where !== space() || isLiving(Number(pid), Number(began))) continue;
    const folder = join(parent, name);
    if (isOurs(folder)) remove(folder);
  }
}

function removeAll(): void {
  for (const folder of open) remove(folder);
}

function remove(folder: string): void {
  try {
    // A process that has just been killed may still be writing into it.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 10 });
  } catch {
    // The next process sweeps it.
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isOurs(folder: string): boolean {
  try {
    const facts = lstatSync(folder);
    return facts.isDirectory() && facts.uid === process.getuid?.();
  } catch {
    return false;
  }
}

let known: string | undefined;

/** Where process ids count: the same on one computer, and in one container of it. */
function space(): string {
  known ??= crypto().createHash('sha256').update(`${hostname()} ${numbering()}`).digest('hex').slice(0, 8);
  return known;
}

function numbering(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Whether that very process runs: another one may have got its number since. */
function isLiving(pid: number, began: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
  const now = beginning(pid);
  return now === null || began === 0 || now === began;
}

/** When the process began, in ticks since the start of the system; null where the system does not say. */
function beginning(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Its name may hold anything, and stands in parentheses.
    const began = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isSafeInteger(began) ? began : null;
  } catch {
    return null;
  }
}
