import { FileError } from '../../foundation/errors/errors.ts';
import { askJson, type HubRequest, OPERATION } from './hub-requests.ts';

/** A file of a repository. */
export interface HubFile {
  readonly name: string;
  readonly size: number;
  /** The name of its content: the SHA-256 of large files, git's SHA-1 of small ones. */
  readonly hash: string;
}

export interface Listing {
  /** The commit that the revision stands for. */
  readonly commit: string;
  readonly files: readonly HubFile[];
}

export const COMMIT = /^[0-9a-f]{40}$/;
const HASH = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** What a model needs: not the weights in other formats, nor code, which is not run here. */
const NEEDED = /^(additional_chat_templates\/)?([^/]+\.(json|jsonl|txt|jinja|tiktoken)|tokenizer\.model)$/;
const WEIGHTS = /^(model|adapter)[^/]*\.safetensors$/;

/** The files of a revision that a model needs. @throws FileError where the repository holds none, or odd ones */
export async function listFiles(request: HubRequest): Promise<Listing> {
  const { endpoint, repository, revision } = request;
  const path = `api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const { sha, siblings } = ((await askJson(request, path)) ?? {}) as { sha?: unknown; siblings?: unknown };
  if (typeof sha !== 'string' || !COMMIT.test(sha) || !Array.isArray(siblings)) {
    fail(`${endpoint} does not answer as the Hugging Face Hub does. Check HF_ENDPOINT`);
  }
  const names = siblings.map((one: { rfilename?: unknown } | null) => one?.rfilename);
  const files = siblings
    .filter((_, index) => isNeeded(names[index]))
    .map((one) => checkedFile((one ?? {}) as Sibling, `${endpoint}/${repository}`));
  if (!files.some(({ name }) => name === 'config.json')) {
    const gguf = names.find((name) => typeof name === 'string' && name.endsWith('.gguf'));
    fail(
      `${endpoint}/${repository} has no config.json, so it is no model in the usual layout` +
        (gguf === undefined ? '' : `. It has gguf files: download one of them, such as ${gguf}, and give its path`),
    );
  }
  return { commit: sha, files };
}

interface Sibling {
  readonly rfilename: string;
  readonly size?: unknown;
  readonly blobId?: unknown;
  readonly lfs?: { readonly sha256?: unknown; readonly size?: unknown } | null;
}

/** A name with two dots in it is looked at, too, so that it is refused and not passed over. */
function isNeeded(name: unknown): boolean {
  return typeof name !== 'string' || leadsOut(name) || NEEDED.test(name) || WEIGHTS.test(name);
}

function leadsOut(name: string): boolean {
  return /[\\\0:]/.test(name) || name.split('/').some((part) => part === '' || part === '.' || part === '..');
}

function checkedFile({ rfilename: name, size, blobId, lfs }: Sibling, where: string): HubFile {
  if (typeof name !== 'string' || leadsOut(name)) {
    fail(
      `${where} lists a file by the name ${JSON.stringify(name)}, which could lead out of its folder. Do not use it`,
    );
  }
  const hash = lfs?.sha256 ?? blobId;
  const bytes = lfs?.size ?? size;
  if (typeof hash !== 'string' || !HASH.test(hash) || !Number.isSafeInteger(bytes) || (bytes as number) < 0) {
    fail(`${where} does not say what ${name} holds`);
  }
  return { name, size: bytes as number, hash };
}

function fail(text: string): never {
  throw new FileError(text, { operation: OPERATION });
}
