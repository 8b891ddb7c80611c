import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions, checkedSignal } from '../../registry/arguments/options.ts';
import { exists } from './hub-claims.ts';
import { downloadBlob } from './hub-download.ts';
import { COMMIT, type Listing, listFiles } from './hub-listing.ts';
import { type HubRequest, HubUnreachable, OPERATION } from './hub-requests.ts';
import { hubSettings } from './hub-settings.ts';
import { hasSize, linkBlob, removeDamaged, writeAtomically } from './hub-snapshot.ts';

/** How far a download is. */
export interface DownloadProgress {
  readonly file: string;
  /** Of all files together, with those that were here already. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

export interface ResolveModelOptions {
  /** A branch, a tag or a commit. By default `main`. */
  readonly revision?: string | undefined;
  /** For private and gated models, in place of HF_TOKEN; `false` sends none. */
  readonly token?: string | false | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Take only what was downloaded before, as with HF_HUB_OFFLINE. */
  readonly localOnly?: boolean | undefined;
}

const OPTIONS = ['revision', 'token', 'onProgress', 'signal', 'localOnly'] as const;
const REPOSITORY = /^[A-Za-z0-9][\w.-]*(\/[\w][\w.-]*)?$/;

/**
 * The folder of a model: the path of a folder or file that exists stays as it is; anything else is the name of a
 * repository on the Hugging Face Hub, `organization/name`, whose needed files are downloaded into the cache that it
 * shares with Python's huggingface_hub. HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN and HF_HUB_OFFLINE count. What an
 * earlier call began is continued. Where the Hub does not answer, what was downloaded before is taken.
 * @throws FileError where there is no such model, access is refused, or the download fails; the signal's reason
 */
export async function resolveModel(folderOrRepository: string, options: ResolveModelOptions = {}): Promise<string> {
  const { revision = 'main', token, onProgress, signal, localOnly = false } = checked(folderOrRepository, options);
  signal?.throwIfAborted();
  const local = resolve(folderOrRepository);
  if (await exists(local)) return local;
  if (!REPOSITORY.test(folderOrRepository) || /\.\.|--/.test(folderOrRepository)) {
    throw fileError(
      `there is no folder ${local}, and ${JSON.stringify(folderOrRepository)} is no name on the Hub: those are "organization/name"`,
    );
  }
  const settings = await hubSettings(token);
  const request: HubRequest = { ...settings, repository: folderOrRepository, revision, signal };
  const storage = join(settings.cache, `models--${folderOrRepository.replaceAll('/', '--')}`);
  if (localOnly || settings.offline) {
    const why = localOnly ? '"localOnly" is set' : 'HF_HUB_OFFLINE is set';
    return (await downloadedBefore(storage, revision)) ?? notHere(request, storage, why);
  }
  let listing: Listing;
  try {
    listing = await listFiles(request);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof HubUnreachable)) throw error;
    return (await downloadedBefore(storage, revision)) ?? notHere(request, storage, error.message, error);
  }
  try {
    return await download(request, listing, storage, onProgress);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code;
    if (error instanceof FileError || typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error;
    throw fileError(`${storage} cannot be written: ${messageOf(error)}. Name another folder by HF_HUB_CACHE`, error);
  }
}

async function download(
  request: HubRequest,
  { commit, files }: Listing,
  storage: string,
  onProgress: ResolveModelOptions['onProgress'],
): Promise<string> {
  const snapshot = join(storage, 'snapshots', commit);
  const blobs = join(storage, 'blobs');
  await mkdir(blobs, { recursive: true });
  await mkdir(snapshot, { recursive: true });
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of files) {
    request.signal?.throwIfAborted();
    const report = (bytes: number) => onProgress?.({ file: file.name, loadedBytes: before + bytes, totalBytes });
    const target = join(snapshot, file.name);
    if (!(await hasSize(target, file.size))) {
      const blob = join(blobs, file.hash);
      while (!(await hasSize(blob, file.size))) {
        await removeDamaged(blob, file.size);
        await downloadBlob(request, commit, file, blobs, report);
      }
      await linkBlob(blob, target);
    }
    report(file.size);
    before += file.size;
  }
  // Written last: who is offline then finds whole models only.
  if (request.revision !== commit) await writeAtomically(join(storage, 'refs', request.revision), commit);
  return snapshot;
}

async function downloadedBefore(storage: string, revision: string): Promise<string | undefined> {
  const named = COMMIT.test(revision)
    ? revision
    : await readFile(join(storage, 'refs', revision), 'utf8').catch(() => '');
  const commit = named.trim();
  if (!COMMIT.test(commit)) return undefined;
  const snapshot = join(storage, 'snapshots', commit);
  const files = await readdir(snapshot).catch(() => []);
  return files.length > 0 ? snapshot : undefined;
}

function notHere(request: HubRequest, storage: string, why: string, cause?: unknown): never {
  throw fileError(
    `${request.repository} at ${JSON.stringify(request.revision)} was not downloaded into ${storage}, and cannot be now: ${why}. ` +
      'Download it once with a connection, or give the path of its folder',
    cause,
  );
}

function checked(name: unknown, options: unknown): ResolveModelOptions {
  const fail = (text: string): never => {
    throw new ArgumentError(text, { operation: OPERATION });
  };
  if (typeof name !== 'string' || name === '' || name.includes('\0')) {
    fail(`expected a folder or the name of a repository, received ${describeValue(name)}`);
  }
  const given = checkedOptions<ResolveModelOptions>(options, OPTIONS, OPERATION);
  const { revision, token, onProgress, localOnly } = given;
  const isRevision = typeof revision === 'string' && /^[\w][\w./-]*$/.test(revision) && !/\.\.|\/\/|\/$/.test(revision);
  if (revision !== undefined && !isRevision) {
    fail(`expected a branch, a tag or a commit for "revision", received ${describeValue(revision)}`);
  }
  if (token !== undefined && token !== false && (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))) {
    // The token itself stays out of errors, which are logged.
    fail('expected a token or false for "token"');
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    fail(`expected a function for "onProgress", received ${describeValue(onProgress)}`);
  }
  if (localOnly !== undefined && typeof localOnly !== 'boolean') {
    fail(`expected a boolean for "localOnly", received ${describeValue(localOnly)}`);
  }
  checkedSignal(given.signal, OPERATION);
  return given;
}

function fileError(text: string, cause?: unknown): FileError {
  return new FileError(text, { operation: OPERATION, cause });
}
