import type { ModelRow } from './rows.ts';

/** What caches a run uses: the model's own, ones that keep everything, or ones that forget. */
export type CacheKind = 'own' | 'plain' | 'rotating';

/** Tokens `[B, L]`, given in pieces of these lengths, and the scores after each piece. */
export interface LogitsRun {
  readonly tokens: readonly (readonly number[])[];
  readonly pieces: readonly number[];
  readonly cache: CacheKind;
  /** How many positions a rotating cache keeps. */
  readonly window: number;
}

export interface GenerateRun {
  readonly prompt: readonly number[];
  readonly count: number;
  /** null: always the likeliest token. */
  readonly seed: number | null;
  readonly cache: CacheKind;
  readonly window: number;
  /** How many tokens of the prompt are computed at a time. */
  readonly prefill: number;
}

/** What Python is asked: to make a checkpoint in a folder, and to compute with it. */
export interface ModelRequest {
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly dtype: 'float32' | 'bfloat16' | 'float16';
  readonly quantization: { readonly group_size: number; readonly bits: number } | null;
  readonly seed: number;
  readonly logits: readonly LogitsRun[];
  readonly generate: readonly GenerateRun[];
}

/** Longer than the windows, then tokens one by one, a few at once in between, and one by one again. */
const PIECES = [20, 1, 1, 1, 5, 1, 1, 12, 1, 1];
const WINDOW = 16;
const LENGTH = PIECES.reduce((sum, length) => sum + length, 0);

const WEIGHTS = [
  { title: 'float32', dtype: 'float32', quantization: null },
  { title: 'bfloat16', dtype: 'bfloat16', quantization: null },
  { title: 'float16', dtype: 'float16', quantization: null },
  { title: '4 bits', dtype: 'float32', quantization: { group_size: 32, bits: 4 } },
] as const;

export interface Planned {
  /** Of config and weights, for people. */
  readonly title: string;
  readonly request: Omit<ModelRequest, 'folder'>;
}

/** Numbers that look random, the same for the same seed. */
function drawn(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Everything that is compared for one row and one seed; of variants what they can change. */
export function planOf(row: ModelRow, seed: number): Planned[] {
  const draw = drawn(seed);
  const vocabulary = Number(row.config['vocab_size']);
  const line = (length: number) => Array.from({ length }, () => draw(vocabulary));
  const logitsOf = (caches: readonly CacheKind[]) =>
    caches.flatMap((cache) =>
      [1, 3].map((batch) => ({
        tokens: Array.from({ length: batch }, () => line(LENGTH)),
        pieces: PIECES,
        cache,
        window: WINDOW,
      })),
    );
  const generate = (cache: CacheKind, chance: number | null) => ({
    prompt: line(24),
    count: 64,
    seed: chance,
    cache,
    window: WINDOW,
    prefill: 9,
  });
  const caches: readonly CacheKind[] = row.ownCaches ? ['own', 'plain', 'rotating'] : ['own', 'rotating'];
  const has = { float32: true, bfloat16: row.noBfloat16 === undefined, float16: row.float16 === true };
  const weights = WEIGHTS.filter(({ dtype }) => has[dtype]);
  const plans: Planned[] = weights.map(({ title, dtype, quantization }) => ({
    title,
    request: {
      config: row.config,
      dtype,
      quantization,
      seed,
      logits: logitsOf(caches),
      generate: [...caches.map((cache) => generate(cache, null)), generate('own', seed + 7)],
    },
  }));
  for (const [title, fields] of Object.entries(row.variants ?? {})) {
    const config = { ...row.config, ...fields };
    const runs = { logits: logitsOf(['own']), generate: [generate('own', null)] };
    plans.push({ title, request: { config, dtype: 'float32', quantization: null, seed, ...runs } });
  }
  return plans;
}
