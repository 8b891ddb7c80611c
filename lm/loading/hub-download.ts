import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { claim } from './hub-claims.ts';
import type { HubFile } from './hub-listing.ts';
import { ask, type HubRequest, HubUnreachable, OPERATION, RETRIES, SILENCE_MS, waitBefore } from './hub-requests.ts';

/** Told how many bytes of the file are here. */
type Report = (bytes: number) => void;

/**
 * Downloads a file's content into the folder of blobs, unless another process does so meanwhile. What an earlier
 * attempt left is kept, and what came is checked before it gets its name.
 * @throws FileError where the connection breaks again and again, or other bytes come than the Hub says
 */
export async function downloadBlob(
  request: HubRequest,
  commit: string,
  file: HubFile,
  blobs: string,
  report: Report,
): Promise<void> {
  const claimed = await claim(blobs, file.hash, request.signal);
  if (claimed === undefined) return;
  const handle = await open(claimed.path, 'a+');
  let sound = true;
  try {
    await fill(request, commit, file, handle, report);
    await handle.sync();
    sound = await hasHash(claimed.path, file);
    if (!sound) throw failure(request, file, 'its bytes are others than the Hub says. Try again');
    await rename(claimed.path, join(blobs, file.hash));
  } finally {
    await handle.close();
    if (sound) await claimed.release();
    else await rm(claimed.path, { force: true });
  }
}

/** Appends what lacks, and starts anew where the connection breaks. */
async function fill(
  request: HubRequest,
  commit: string,
  file: HubFile,
  handle: FileHandle,
  report: Report,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    let { size } = await handle.stat();
    if (size > file.size) {
      await handle.truncate(0);
      size = 0;
    }
    report(size);
    if (size === file.size) return;
    try {
      await append(request, commit, file, handle, size, report);
      return;
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!(error instanceof HubUnreachable)) throw error;
      const now = (await handle.stat()).size;
      // A connection that brings something may break as often as it likes.
      if (now > size) attempt = 0;
      if (attempt >= RETRIES) {
        throw failure(
          request,
          file,
          `the connection broke at byte ${now} of ${file.size}: ${messageOf(error)}. Try again: what is here is kept`,
          error,
        );
      }
      await waitBefore(attempt, request.signal);
    }
  }
}

async function append(
  request: HubRequest,
  commit: string,
  file: HubFile,
  handle: FileHandle,
  start: number,
  report: Report,
): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new HubUnreachable('the connection is silent')), SILENCE_MS);
  try {
    const path = `${request.repository}/resolve/${commit}/${file.name.split('/').map(encodeURIComponent).join('/')}`;
    const range = start > 0 ? { range: `bytes=${start}-` } : {};
    // Compressed answers have other lengths, and parts of them cannot be asked for.
    const response = await ask(request, path, { 'accept-encoding': 'identity', ...range }, silence.signal);
    let size = start;
    if (response.status === 416 || (start > 0 && response.status !== 206)) {
      await handle.truncate(0);
      size = 0;
    }
    if (response.status === 416) throw new HubUnreachable('the server does not have these bytes');
    for await (const chunk of chunksOf(response)) {
      timer.refresh();
      size += chunk.length;
      if (size > file.size) {
        await handle.truncate(0);
        throw failure(request, file, `more bytes come than the ${file.size} that the Hub says. Try again`);
      }
      await handle.appendFile(chunk);
      report(size);
    }
    if (size < file.size) throw new HubUnreachable(`only ${size} bytes came`);
  } finally {
    clearTimeout(timer);
  }
}

/** The bytes of an answer; that they break off is known from errors of the disk by its class. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    throw new HubUnreachable(messageOf(error), { cause: error });
  }
}

/** Large files are named by their SHA-256, small ones by git's name of their content. */
async function hasHash(path: string, { hash, size }: HubFile): Promise<boolean> {
  const hasher = createHash(hash.length === 64 ? 'sha256' : 'sha1');
  if (hash.length === 40) hasher.update(`blob ${size}\0`);
  let fresh = Date.now();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hasher.update(chunk);
    // Whoever waits sees that the file is not given up.
    if (Date.now() - fresh > 5000) {
      fresh = Date.now();
      await utimes(path, new Date(), new Date());
    }
  }
  return hasher.digest('hex') === hash;
}

function failure({ endpoint, repository }: HubRequest, { name }: HubFile, what: string, cause?: unknown): FileError {
  return new FileError(`${name} of ${endpoint}/${repository} could not be downloaded: ${what}`, {
    operation: OPERATION,
    cause,
  });
}
