type Json = Record<string, unknown>;

/** What GPT-2 splits texts by. */
export const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * The pre-tokenizer of a tokenizer.json, its byte-level parts with their split spelled out. The library's own takes
 * JavaScript's white space, which has U+FEFF and lacks U+0085; it translates patterns that stand in the file.
 */
export function preTokenizerOf(description: unknown): unknown {
  const { type, pretokenizers, add_prefix_space: prefix, use_regex: splits } = (description ?? {}) as Json;
  if (type === 'Sequence' && Array.isArray(pretokenizers)) {
    return { ...(description as Json), pretokenizers: pretokenizers.map(preTokenizerOf) };
  }
  if (type !== 'ByteLevel' || splits === false || prefix === true) return description ?? null;
  return byteLevelSplitBy(GPT2_PATTERN);
}

/** Byte-level tokens of the pieces that a pattern finds. */
export function byteLevelSplitBy(...patterns: readonly string[]): object {
  const splits = patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  }));
  return {
    type: 'Sequence',
    pretokenizers: [...splits, { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }],
  };
}
