import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type Embedder, loadEmbedder } from '../../lm/index.ts';
import { writeTinyEncoder } from '../../lm/test-support/tiny-encoder.ts';
import { root } from '../../lm/tokenizer/test-support/samples.ts';
import { core as mx } from '../../mlx/index.ts';
import { readDocuments, sentencesOf } from '../shared/documents.ts';
import { mapOf } from '../shared/plane.ts';
import { FOLDER } from './folders.ts';
import { parseOptions } from './options.ts';
import { digestOf, embeddedText, passagesOf } from './passages.ts';
import { loadIndex, makeIndex, saveIndex, search, unitVectors } from './search-index.ts';
import { hasTokenizer } from './ways.ts';

/** Lets Node run a program of the checkout from its source. */
const LOADER = new URL('../../foundation/from-source/register.mjs', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-search-'));
const at = (name: string): string => join(folder, name);
const TEXTS = ['the quick brown fox', 'two words', 'jumps over the lazy dog', 'a fox'];
const passages = TEXTS.map((text) => ({ file: 'a.md', heading: '', text }));

let model: string;
let embedder: Embedder;

beforeAll(async () => {
  model = writeTinyEncoder(3);
  embedder = await loadEmbedder(model);
  mkdirSync(at('texts/inside'), { recursive: true });
  mkdirSync(at('empty'));
  writeFileSync(at('texts/b.md'), '# The fox\n\nThe quick brown fox.\n\n## The dog\n\nIt is lazy & <slow>.\n');
  writeFileSync(at('texts/inside/a.txt'), 'Two words. And a sentence that is so long that it is cut into two of them.');
  writeFileSync(at('texts/empty.md'), ' \n');
  writeFileSync(at('texts/picture.svg'), '<svg/>');
});
afterAll(() => {
  embedder.dispose();
  rmSync(folder, { recursive: true });
  rmSync(root, { recursive: true });
});

/** Ends by itself, or the hang guard ends it and fails the test. */
function run(args: readonly string[]) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  return execa(process.execPath, ['--import', LOADER, main, ...args], { reject: false, timeout: 120_000 });
}

test('answers from a folder, compares every way, writes a page, and uses its index again', async () => {
  const short = [
    '--folder',
    at('texts'),
    '--recursive',
    '--model',
    model,
    '--index',
    at('new/index.safetensors'),
    '--top',
    '2',
  ];
  const first = await run(['the', 'dog?', ...short, '--rounds', '2', '--sentences', '3']);
  expect(first.stderr).toBe('');
  expect(first.stdout).toMatch(/\n1\. [\d.-]+ {2}texts\//);
  expect(first.stdout).toMatch(/\nembeddings +Python pool( +[\d.]+){4}/);
  expect(first.stdout).toMatch(/Recommended here: .+times as fast as/);
  expect(first.stdout.match(/✓/g)).toHaveLength(hasTokenizer() ? 2 : 1);
  expect(first.stdout).not.toContain('✗');
  expect(first.exitCode).toBe(0);
  const page = readFileSync(join(FOLDER, 'index.html'), 'utf8');
  expect(page).toContain('<h1>the dog?</h1>');
  expect(page.match(/class="found"/g)).toHaveLength(2);
  expect(page).toContain('<td>Python pool</td>');

  const second = await run(['the dog?', ...short, '--rounds', '0', '--no-page']);
  expect(second.stdout).toContain('with vectors from');
  expect(second.stdout.split('\n1. ')[1]?.slice(0, 5)).toBe(first.stdout.split('\n1. ')[1]?.slice(0, 5));
  expect(second.exitCode).toBe(0);
}, 120_000);

describe('texts', () => {
  it('are read from a folder or those inside too, without what is empty', async () => {
    const documents = await readDocuments([at('texts')], true);
    expect(documents.map(({ file }) => file)).toEqual(['texts/b.md', 'texts/inside/a.txt']);
    const outside = await readDocuments([at('texts')], false);
    expect(outside).toEqual(documents.slice(0, 1));
    expect(digestOf(documents)).not.toBe(digestOf(outside));
  });

  it.each([
    ['no text', 'empty', /there is no \.md or \.txt file with text in .+empty/],
    ['what is not there', 'nowhere', /nowhere cannot be read: ENOENT/],
  ])('are refused where there is %s', async (_, name, message) => {
    await expect(readDocuments([at(name)], true)).rejects.toThrow(message);
  });

  it('are divided at headings and paragraphs, and every part fits', () => {
    const text = `Before\n\n# A\n\none\n\ntwo\n\n## B\n\n\`\`\`sh\n# no heading\n\`\`\`\n\n# C\n\n${'word '.repeat(30)}`;
    const fits = (part: string) => part.length <= 60;
    const found = passagesOf({ file: 'x.md', text }, fits);
    expect(found.slice(0, 3).map(({ heading, text }) => [heading, text])).toEqual([
      ['', 'Before'],
      ['A', 'one\n\ntwo'],
      ['A › B', '```sh\n# no heading\n```'],
    ]);
    const words = found.slice(3);
    expect(words.length).toBeGreaterThan(2);
    expect(words.every((passage) => passage.heading === 'C' && fits(embeddedText(passage)))).toBe(true);
    expect(words.flatMap(({ text }) => text.split(' '))).toHaveLength(30);
  });

  it('give as many sentences as they have, or texts where they have none', () => {
    const text = 'This is the first of the sentences. This is the second of them!';
    expect(sentencesOf([text], 9)).toHaveLength(2);
    expect(sentencesOf(['# A heading\n\nIt is followed by\na sentence.'], 9)).toEqual([
      'It is followed by\na sentence.',
    ]);
    expect(sentencesOf(TEXTS, 2)).toEqual([TEXTS[0], TEXTS[2]]);
  });
});

describe('an index', () => {
  it('finds the passage that the question is, from the file as from memory', async () => {
    const made = await makeIndex(embedder, passages, 'digest');
    saveIndex(at('a.safetensors'), made);
    const stored = await loadIndex(at('a.safetensors'), embedder);
    expect(stored.passages).toEqual(passages);
    const question = await unitVectors(embedder, ['two words']);
    const found = search(stored, question, 2);
    expect(found).toEqual(search(made, question, 2));
    expect(found[0]).toMatchObject({ place: 1, passage: { text: 'two words' } });
    expect(found[0]?.score).toBeCloseTo(1, 5);
    expect(mapOf(made.vectors, question)).toHaveLength(5);
  });

  it.each<[string, () => string]>([
    ['of another size', () => writeTinyEncoder(3, { hidden_size: 16 })],
    ['of other weights', () => writeTinyEncoder(4)],
  ])('of a model %s is refused', async (_, other) => {
    saveIndex(at('b.safetensors'), await makeIndex(embedder, passages, 'digest'));
    const another = await loadEmbedder(other());
    await expect(loadIndex(at('b.safetensors'), another)).rejects.toThrow(/was made with another model: delete it/);
    another.dispose();
  });

  it('that is damaged, or no index, is refused', async () => {
    const file = at('c.safetensors');
    saveIndex(file, await makeIndex(embedder, passages, 'digest'));
    truncateSync(file, 300);
    const damaged = loadIndex(file, embedder);
    await expect(damaged).rejects.toThrow(
      /c\.safetensors is not a sound safetensors file.+; delete it, or name another/,
    );
    for (const metadata of [{}, { passages: '{' }, { passages: '[]', digest: 'a' }]) {
      const named = { format: 'mlx-router-semantic-search-1', ...metadata };
      mx.saveSafetensors(file, { vectors: mx.zeros([4, 32]), probe: mx.zeros([1, 32]) }, named);
      await expect(loadIndex(file, embedder)).rejects.toThrow(/is no index of this example/);
    }
  });
});

test.each([
  [[], 'expected a question'],
  [['  '], 'expected a question'],
  [['a', '--top', '0'], '--top: expected an integer from 1 to 100, received "0"'],
  [['a', '--rounds', '-1'], '--rounds'],
  [['a', '--nothing'], "Unknown option '--nothing'"],
])('a wrong option is named: %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test('a model that is not there is named', async () => {
  const { exitCode, stderr } = await run(['a', '--model', at('nowhere')]);
  expect(stderr).toMatch(/^ERR_MLX_FILE: .*nowhere/);
  expect(exitCode).toBe(1);
  expect(existsSync(at('nowhere'))).toBe(false);
});
