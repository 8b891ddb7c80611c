import type { GgufMetadata } from './gguf-metadata.ts';
import { byteLevelSplitBy, GPT2_PATTERN } from './pre-tokenizer.ts';

interface Vocabulary {
  readonly tokens: readonly string[];
  /** What each token is, as llama.cpp numbers it. */
  readonly types: readonly number[];
  readonly unknown: string | undefined;
}

/** Parts of a tokenizer.json, and whether texts begin with the beginning-of-sequence token unless the file says so. */
interface Parts {
  readonly model: object;
  readonly normalizer: object | null;
  readonly pre_tokenizer: object | null;
  readonly decoder: object;
  readonly addsBos: boolean;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const WORDS = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';
const REST = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
const CASED_WORDS = `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+|` + `[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*`;

interface PreTokenizer {
  readonly patterns: readonly string[];
  readonly normalizer?: object;
  /** Words that are tokens are not put together from pairs. */
  readonly ignoresMerges?: boolean;
  readonly addsBos?: boolean;
}

const GPT2: PreTokenizer = { patterns: [GPT2_PATTERN] };
const DIGITS: PreTokenizer = { patterns: ['\\p{N}', GPT2_PATTERN] };
const LLAMA3: PreTokenizer = {
  patterns: [`${CONTRACTIONS}|${WORDS}|\\p{N}{1,3}|${REST}`],
  ignoresMerges: true,
  addsBos: true,
};
const QWEN2: PreTokenizer = { patterns: [`${CONTRACTIONS}|${WORDS}|\\p{N}|${REST}`], normalizer: { type: 'NFC' } };
const TEKKEN: PreTokenizer = {
  patterns: [`${CASED_WORDS}|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`],
  ignoresMerges: true,
  addsBos: true,
};
/** What llama.cpp takes where a file does not say how it splits. */
const DEFAULT: PreTokenizer = {
  patterns: [
    '[\\p{P}\\$\\+<=>\\^~\\|]+',
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
    '\\p{N}+',
    '[0-9][0-9][0-9]',
  ],
};

/** How texts are split, by the names that llama.cpp gives the ways. */
const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  default: DEFAULT,
  'gpt-2': GPT2,
  'phi-2': GPT2,
  mpt: GPT2,
  olmo: GPT2,
  smollm: DIGITS,
  starcoder: DIGITS,
  refact: DIGITS,
  'command-r': DIGITS,
  codeshell: DIGITS,
  exaone: DIGITS,
  llama3: LLAMA3,
  'llama-v3': LLAMA3,
  'llama-bpe': LLAMA3,
  'smaug-bpe': { patterns: LLAMA3.patterns },
  dbrx: { patterns: LLAMA3.patterns },
  qwen2: QWEN2,
  'deepseek-r1-qwen': QWEN2,
  stablelm2: { patterns: QWEN2.patterns },
  tekken: TEKKEN,
};

/** Byte-level BPE, as GPT-2, Llama 3, Qwen and SmolLM have it. */
export function bytePairModel(metadata: GgufMetadata, { tokens }: Vocabulary): Parts {
  const merges = metadata.required('tokenizer.ggml.merges', metadata.texts('tokenizer.ggml.merges'));
  const name = metadata.text('tokenizer.ggml.pre') ?? 'default';
  const pre = Object.hasOwn(PRE_TOKENIZERS, name)
    ? (PRE_TOKENIZERS[name] as PreTokenizer)
    : metadata.fail(
        `it splits texts as ${JSON.stringify(name)}; known are ${Object.keys(PRE_TOKENIZERS).join(', ')}. Take the model in safetensors`,
      );
  return {
    model: {
      type: 'BPE',
      vocab: numbered(tokens),
      merges: merges.map((merge) => pairOf(merge) ?? metadata.fail(`${JSON.stringify(merge)} is no pair of tokens`)),
      ignore_merges: pre.ignoresMerges ?? false,
    },
    normalizer: pre.normalizer ?? null,
    pre_tokenizer: byteLevelSplitBy(...pre.patterns),
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    addsBos: pre.addsBos ?? false,
  };
}

function pairOf(merge: string): [string, string] | undefined {
  const parts = merge.split(' ');
  return parts.length === 2 ? (parts as [string, string]) : undefined;
}

/** The numbers of llama.cpp for kinds of tokens. */
export const TOKEN_TYPES = { normal: 1, control: 3, userDefined: 4, byte: 6 } as const;

/** SentencePiece's BPE, as Llama 2, Mistral and Gemma have it: the scores of tokens say which pairs are joined first. */
export function sentencePieceModel(metadata: GgufMetadata, { tokens, types, unknown }: Vocabulary): Parts {
  const scores = metadata.required('tokenizer.ggml.scores', metadata.numbers('tokenizer.ggml.scores'));
  if (scores.length !== tokens.length) metadata.fail(`it has ${tokens.length} tokens and ${scores.length} scores`);
  const prefixed = metadata.flag('tokenizer.ggml.add_space_prefix') ?? true;
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' };
  const steps = [
    { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ];
  return {
    model: {
      type: 'BPE',
      vocab: numbered(tokens),
      merges: mergesOf(tokens, types, scores),
      byte_fallback: types.includes(TOKEN_TYPES.byte),
      unk_token: unknown ?? null,
      fuse_unk: true,
    },
    normalizer: prefixed
      ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '\u2581' }, replace] }
      : replace,
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: prefixed ? [...steps, { type: 'Strip', content: ' ', start: 1, stop: 0 }] : steps,
    },
    addsBos: true,
  };
}

/** All pairs of tokens that make a token, those of the highest score first. */
function mergesOf(tokens: readonly string[], types: readonly number[], scores: readonly number[]): [string, string][] {
  const isNormal = (id: number): boolean => (types[id] ?? TOKEN_TYPES.normal) === TOKEN_TYPES.normal;
  const ids = new Map(
    tokens.map((token, id) => [token, id]).filter(([, id]) => isNormal(id as number)) as [string, number][],
  );
  const merges: { pair: [string, string]; score: number; left: number; right: number }[] = [];
  for (const [token, id] of ids) {
    for (let cut = 1; cut < token.length; cut++) {
      const pair: [string, string] = [token.slice(0, cut), token.slice(cut)];
      const [left, right] = [ids.get(pair[0]), ids.get(pair[1])];
      if (left === undefined || right === undefined) continue;
      merges.push({ pair, score: scores[id] as number, left, right });
    }
  }
  merges.sort((a, b) => b.score - a.score || a.left - b.left || a.right - b.right);
  return merges.map(({ pair }) => pair);
}

/** The first of several tokens of the same text counts. */
function numbered(tokens: readonly string[]): Record<string, number> {
  const numbers: Record<string, number> = Object.create(null);
  tokens.forEach((token, id) => {
    numbers[token] ??= id;
  });
  return numbers;
}
