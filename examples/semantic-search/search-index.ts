import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Embedder } from '../../lm/index.ts';
import { FileError, core as mx } from '../../mlx/index.ts';
import { embeddedText, type Passage } from './passages.ts';

/** Passages with their vectors. */
export interface SearchIndex {
  /** Of length 1 each, `[passages, dims]`. */
  readonly vectors: mx.Array;
  readonly passages: readonly Passage[];
  /** Which texts it was made of: what `digestOf` says. */
  readonly digest: string;
  /** The vector of one known sentence, `[1, dims]`: other models give another. */
  readonly probe: mx.Array;
}

export interface Found {
  readonly passage: Passage;
  readonly place: number;
  /** The cosine of the angle between its vector and the question's. */
  readonly score: number;
}

const FORMAT = 'mlx-router-semantic-search-1';
const PROBE = 'How much alike are two sentences?';
const TOLERANCE = 1e-3;

/** Vectors `[texts, dims]` with the length 1, so that their products are cosines. */
export function units(vectors: mx.Array): mx.Array {
  return mx.tidy(() => vectors.divide(mx.linalg.norm(vectors, { axis: -1, keepdims: true })));
}

/** Vectors of length 1 of texts, `[texts, dims]`. */
export async function unitVectors(
  embedder: Embedder,
  texts: readonly string[],
  onProgress?: (done: number) => void,
): Promise<mx.Array> {
  const vectors = units(await embedder.embed(texts, { batchSize: 32, onProgress }));
  await mx.asyncEval(vectors);
  return vectors;
}

export async function makeIndex(
  embedder: Embedder,
  passages: readonly Passage[],
  digest: string,
  onProgress?: (done: number) => void,
): Promise<SearchIndex> {
  const vectors = await unitVectors(embedder, passages.map(embeddedText), onProgress);
  return { vectors, passages, digest, probe: await unitVectors(embedder, [PROBE]) };
}

export function saveIndex(file: string, { vectors, probe, passages, digest }: SearchIndex): void {
  mkdirSync(dirname(file), { recursive: true });
  mx.saveSafetensors(file, { vectors, probe }, { format: FORMAT, digest, passages: JSON.stringify(passages) });
}

const ADVICE = 'delete it, or name another with --index';

/** @throws FileError for a file that is damaged, or no index, or the index of another model. */
export async function loadIndex(file: string, embedder: Embedder): Promise<SearchIndex> {
  const [{ vectors, probe }, metadata] = readIndex(file);
  const { format, digest } = metadata;
  const passages = passagesIn(metadata['passages']);
  if (format !== FORMAT || digest === undefined || probe === undefined || vectors?.shape[0] !== passages?.length) {
    throw new FileError(`${file} is no index of this example: ${ADVICE}`);
  }
  const ours = await unitVectors(embedder, [PROBE]);
  if (String(ours.shape) !== String(probe.shape) || !mx.allclose(ours, probe, { rtol: 0, atol: TOLERANCE }).item()) {
    throw new FileError(`${file} was made with another model: ${ADVICE}`);
  }
  return { vectors: vectors as mx.Array, passages: passages as Passage[], digest, probe };
}

function readIndex(file: string) {
  try {
    return mx.load(file, { format: 'safetensors', returnMetadata: true });
  } catch (error) {
    throw new FileError(`${(error as Error).message}; ${ADVICE}`, { cause: error });
  }
}

function passagesIn(text: string | undefined): Passage[] | undefined {
  try {
    const passages: unknown = JSON.parse(text ?? '');
    return Array.isArray(passages) ? passages : undefined;
  } catch {
    return undefined;
  }
}

/** How near each of the vectors is to the question's, `[vectors]`, and their places, the nearest first. */
export function ranked(vectors: mx.Array, question: mx.Array): { scores: number[]; places: number[] } {
  return mx.tidy(() => {
    const scores = vectors.matmul(question.reshape(-1));
    return { scores: scores.tolist() as number[], places: mx.argsort(scores.negative()).tolist() as number[] };
  });
}

/** The passages nearest to a question, the nearest first. */
export function search({ vectors, passages }: SearchIndex, question: mx.Array, top: number): Found[] {
  const { scores, places } = ranked(vectors, question);
  return places
    .slice(0, top)
    .map((place) => ({ place, passage: passages[place] as Passage, score: scores[place] as number }));
}
