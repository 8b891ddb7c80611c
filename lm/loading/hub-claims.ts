import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The beginnings of files that are being downloaded. One belongs to a process while its name holds that process's
 * number, and to nobody once it does not. Taking one is renaming it, which only one process can do.
 */
export interface Claim {
  readonly path: string;
  /** Leaves what is there for whoever comes next. */
  release(): Promise<void>;
}

/** Other programs have beginnings of their own beside these. */
const SUFFIX = '.mlx-router.incomplete';
const POLL_MS = 200;
/** Another's file that has not grown for so long is not waited for: its process may be on another machine, and dead. */
const STALLED_MS = 30_000;

/**
 * A file to write the blob into, with what was there of it; undefined once another process has downloaded the blob,
 * for which this waits.
 */
export async function claim(folder: string, hash: string, signal: AbortSignal | undefined): Promise<Claim | undefined> {
  const free = join(folder, `${hash}${SUFFIX}`);
  const blob = join(folder, hash);
  const own = join(folder, `${hash}.${process.pid}-${randomUUID()}${SUFFIX}`);
  const claimed: Claim = {
    path: own,
    release: () => rename(own, free).catch(() => undefined),
  };
  for (;;) {
    signal?.throwIfAborted();
    const others = await partsOf(folder, hash);
    // Looked for after the others: one that is no longer among them may have become it.
    if (await exists(blob)) return undefined;
    const left = others.filter(({ owner }) => owner === undefined || !isAlive(owner));
    for (const { path } of left) if (await renamed(path, own)) return claimed;
    if (left.length > 0) continue;
    if (others.every(isStalled) && (await isFirst(folder, hash, own))) {
      if (!(await exists(blob))) return claimed;
      await rm(own, { force: true });
      return undefined;
    }
    await sleep(POLL_MS);
  }
}

/** Begins a file, unless another process began one at the same time and earlier. */
async function isFirst(folder: string, hash: string, own: string): Promise<boolean> {
  await (await open(own, 'wx')).close();
  const parts = (await partsOf(folder, hash)).filter((part) => part.path === own || !isStalled(part));
  const [first] = parts.sort((a, b) => a.begunMs - b.begunMs || (a.path < b.path ? -1 : 1));
  if (first?.path === own) return true;
  await rm(own, { force: true });
  return false;
}

const isStalled = ({ idleMs }: Part): boolean => idleMs > STALLED_MS;

interface Part {
  readonly path: string;
  readonly owner: number | undefined;
  readonly idleMs: number;
  readonly begunMs: number;
}

async function partsOf(folder: string, hash: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${hash}.`) || !name.endsWith(SUFFIX)) continue;
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined) continue;
    const owner = /^[0-9a-f]+\.(\d+)-/.exec(name)?.[1];
    parts.push({
      path,
      owner: owner === undefined ? undefined : Number(owner),
      idleMs: Date.now() - facts.mtimeMs,
      begunMs: facts.birthtimeMs,
    });
  }
  return parts;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** False: it is not there, or not to be moved. */
export async function renamed(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
