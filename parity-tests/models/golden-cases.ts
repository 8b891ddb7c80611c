import type { ModelRow } from './rows.ts';

/** A model whose weights follow from their names, and what it is asked. */
export interface GoldenCase {
  readonly title: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly quantization: { readonly group_size: number; readonly bits: number } | null;
  readonly prompt: readonly number[];
  /** How many tokens it generates. */
  readonly count: number;
}

export interface GoldenAnswer {
  /** Of the token after the prompt. */
  readonly scores: readonly number[];
  readonly tokens: readonly number[];
}

/** How many of the scores a file holds. */
export const SCORES = 8;

/** What the file of an architecture is about: its config and those variants that change what is computed most. */
export function goldenCases({ config, variants = {} }: ModelRow): GoldenCase[] {
  const prompt = Array.from({ length: 20 }, (_, index) => (index * 37 + 11) % 160);
  const make = (title: string, fields: object, quantization: GoldenCase['quantization'] = null): GoldenCase => {
    return { title, config: { ...config, ...fields }, quantization, prompt, count: 16 };
  };
  const rest = Object.entries(variants).map(([title, fields]) => make(title, fields));
  return [make('plain', {}), make('4 bits', {}, { group_size: 32, bits: 4 }), ...rest];
}
