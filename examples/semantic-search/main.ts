// Semantic search: texts become vectors, once; a question finds the passages that mean what it asks.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as lm from '../../lm/index.ts';
import { configure, type core as mx } from '../../mlx/index.ts';
import { readDocuments, sentencesOf } from '../shared/documents.ts';
import { mapOf } from '../shared/plane.ts';
import { Progress } from '../shared/progress.ts';
import { runCommand } from '../shared/run.ts';
import { tablesText } from '../shared/times-table.ts';
import { ENCODER, FOLDER, HERE, SITE } from './folders.ts';
import { hasTransformers, installTransformers, onnxEncoder } from './onnx.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { reportPage } from './pages/report.ts';
import { digestOf, passagesOf } from './passages.ts';
import { type Found, loadIndex, makeIndex, type SearchIndex, saveIndex, search, unitVectors } from './search-index.ts';
import { hasTokenizer, recommendation, tableOf, timeWays, waysOf } from './ways.ts';

/** How much a number of a vector may differ from the same encoder elsewhere. */
const TOLERANCE = 1e-5;
/** Milliseconds: Python embeds all sentences in one call. */
const LONGEST_CALL = 600_000;

/** The index of the texts: the one in the file, or a new one if they have changed or there is none. */
async function indexOf(embedder: lm.Embedder, options: Options): Promise<[SearchIndex, number]> {
  const documents = await readDocuments(options.folders, options.recursive);
  const file = options.index;
  const digest = digestOf(documents);
  const stored = existsSync(file) ? await loadIndex(file, embedder) : undefined;
  if (stored?.digest === digest) {
    console.log(
      `${stored.passages.length} passages of ${documents.length} files, with vectors from ${relative('', file)}`,
    );
    return [stored, documents.length];
  }
  const fits = (text: string) =>
    text.length < 20 * embedder.model.maxLength && embedder.tokenizer.encode(text).length <= embedder.model.maxLength;
  const passages = documents.flatMap((document) => passagesOf(document, fits));
  console.log(`${passages.length} passages of ${documents.length} files`);
  const progress = new Progress(passages.length);
  const start = performance.now();
  const index = await makeIndex(embedder, passages, digest, (done) =>
    progress.show(done, `${((1000 * done) / (performance.now() - start)).toFixed(0)} passages/s`),
  );
  saveIndex(file, index);
  return [index, documents.length];
}

function print(found: readonly Found[]): void {
  for (const [i, { passage, score }] of found.entries()) {
    console.log(`\n${i + 1}. ${score.toFixed(3)}  ${passage.file}${passage.heading && `  ${passage.heading}`}`);
    console.log(passage.text.replace(/^/gm, '   '));
  }
}

/** Times every way there is. @returns whether all give the same vectors and the same ranking. */
async function compare(embedder: lm.Embedder, sentences: readonly string[], question: mx.Array, options: Options) {
  const hasOnnx = options.onnx && (await installTransformers());
  const onnx = hasOnnx ? await onnxEncoder(options.model) : undefined;
  console.log(`\n${options.rounds} rounds of ${sentences.length} sentences in every way`);
  if (!hasTokenizer()) console.log('- Python by itself: its tokenizer is not installed');
  if (onnx === undefined) {
    const why = hasTransformers() ? 'left out' : 'not installed';
    console.log(`- @huggingface/transformers: ${why}; --onnx times it too`);
  }
  const ways = await waysOf(embedder, options.model, onnx);
  const progress = new Progress(options.rounds);
  let done = 0;
  const timings = await timeWays(ways, sentences, question, {
    rounds: options.rounds,
    onRound: () => progress.show(++done),
  });
  console.log(`\n${tablesText([tableOf(timings)])}\n\n${recommendation(timings)}\n`);
  for (const { name, difference, sameRanking } of timings.slice(1)) {
    const passed = difference <= TOLERANCE && sameRanking;
    const ranking = sameRanking ? 'the same ranking' : 'ANOTHER RANKING';
    console.log(`${passed ? '✓' : '✗'} ${name}: vectors differ by ${difference.toExponential(1)} at most, ${ranking}`);
  }
  return timings;
}

/** The whole example. @returns whether every way gave the same. */
async function run(options: Options): Promise<boolean> {
  const python = { pythonModules: ['peers', 'sys'], pythonFolders: [HERE, ENCODER, SITE], poolSize: 1 };
  configure({ ...python, callTimeoutMs: LONGEST_CALL });
  using embedder = await lm.loadEmbedder(options.model);
  const [index, files] = await indexOf(embedder, options);
  const question = await unitVectors(embedder, [options.question]);
  const found = search(index, question, options.top);
  print(found);

  const sentences = sentencesOf(
    index.passages.map(({ text }) => text),
    options.sentences,
  );
  const timings = options.rounds > 0 ? await compare(embedder, sentences, question, options) : [];
  if (options.page) {
    const file = join(FOLDER, 'index.html');
    const points = mapOf(index.vectors, question);
    mkdirSync(FOLDER, { recursive: true });
    const page = { question: options.question, found, points, files, sentences: sentences.length, timings };
    writeFileSync(file, reportPage(page));
    console.log(`\npage  ${relative('', file)}`);
  }
  return timings.every(({ difference, sameRanking }) => difference <= TOLERANCE && sameRanking);
}

await runCommand({ parseOptions, usage: USAGE, run });
