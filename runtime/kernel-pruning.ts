import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** So many kernels take some 20 MB; there is one for each distinct graph and way of laying out its arrays. */
export const MOST_KERNELS = 1000;
/** How many stay when there are more, so that not every start removes some. */
const KEPT_KERNELS = 750;
/** What was made or loaded since may be in the making, or about to be loaded. What is loaded needs its file no more. */
const RECENT_MS = 3_600_000;
/** A precompiled header takes 50 MB, and is made again in one or two seconds where kernels need it. */
const HEADER_MS = 30 * 24 * 3_600_000;

/**
 * Removes the kernels that were not used for longest where there are more than the most, by file: `lib<name>.so` and the
 * `<name>.cpp` that it was made of; and precompiled headers. Another process may do the same at the same time.
 */
export function pruneKernels(folder: string): void {
  const versions = listed(join(folder, 'mlx')).map((version) => join(folder, 'mlx', version));
  for (const version of versions) pruneHeaders(join(version, 'headers'));
  const places = versions.map((version) => join(version, 'cpu'));
  for (const place of places) pruneWorkshops(place);
  const files = places.flatMap((place) => listed(place).map((name) => join(place, name)));
  if (files.length <= 2 * MOST_KERNELS) return;
  const old = files.flatMap((path) => {
    const used = lastUse(path);
    return used === undefined || used > Date.now() - RECENT_MS ? [] : [{ path, used }];
  });
  old.sort((a, b) => a.used - b.used);
  for (const { path } of old.slice(0, files.length - 2 * KEPT_KERNELS)) remove(path);
}

/** Removes the folders in which processes were making kernels when they were killed. */
function pruneWorkshops(place: string): void {
  for (const name of listed(place)) {
    const folder = join(place, name);
    if (/^\d+-\w{6}$/.test(name) && (lastUse(folder) ?? Number.POSITIVE_INFINITY) < Date.now() - RECENT_MS)
      remove(folder);
  }
}

/** Removes the precompiled headers that no kernel was made with for long, and what a killed compiler left of one. */
function pruneHeaders(folder: string): void {
  for (const header of listed(folder)) {
    const place = join(folder, header, 'mlx', 'backend', 'cpu');
    for (const name of listed(place)) {
      const file = join(place, name);
      if ((lastUse(file) ?? Number.POSITIVE_INFINITY) < Date.now() - HEADER_MS) remove(file);
    }
  }
}

/** What cannot be removed, a folder or a file of somebody else's, is in nobody's way. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true, recursive: true });
  } catch {
    // The next start tries again.
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Loading reads the file: Linux notes that at least once a day. */
function lastUse(path: string): number | undefined {
  try {
    const { atimeMs, mtimeMs } = statSync(path);
    return Math.max(atimeMs, mtimeMs);
  } catch {
    return undefined;
  }
}
