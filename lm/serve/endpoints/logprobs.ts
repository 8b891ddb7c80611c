import type { Segment } from '../../generation/segments.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { Fields } from '../requests/fields.ts';

/** How many of the most probable tokens a chat asks for; undefined: no probabilities at all. */
export function chatLogprobs(body: Fields): number | undefined {
  const most = body.count('top_logprobs', 0, 20);
  const isWanted = body.boolean('logprobs') ?? false;
  if (most !== undefined && !isWanted) throw body.wrong('top_logprobs', 'nothing, or "logprobs": true beside it,');
  return isWanted ? (most ?? 0) : undefined;
}

/** A token as text; what is a part of a character only has no bytes that could be told. */
function described(tokenizer: Tokenizer, token: number, logprob: number) {
  const text = tokenizer.decode([token]);
  // JSON has no infinity; OpenAI writes this number for it.
  const finite = Number.isFinite(logprob) ? logprob : -9999;
  return { token: text, logprob: finite, bytes: text.includes('\uFFFD') ? null : [...Buffer.from(text)] };
}

/** Of a token that is part of the answer: the one that ends it is not. */
const isPart = (tokenizer: Tokenizer, { token, logprob }: Segment): boolean =>
  logprob !== undefined && !tokenizer.eosTokenIds.has(token);

/** The `logprobs` of a choice of a chat. */
export function chatLogprobsOf(tokenizer: Tokenizer, segments: readonly Segment[]) {
  const content = segments
    .filter((segment) => isPart(tokenizer, segment))
    .map(({ token, logprob, topLogprobs = [] }) => ({
      ...described(tokenizer, token, logprob as number),
      top_logprobs: topLogprobs.map(([other, value]) => described(tokenizer, other, value)),
    }));
  return { content, refusal: null };
}

/** The `logprobs` of a choice of a completion. `offset`: the characters before. */
export function completionLogprobsOf(tokenizer: Tokenizer, segments: readonly Segment[], offset: number) {
  const tokens: string[] = [];
  const values: number[] = [];
  const tops: Record<string, number>[] = [];
  const offsets: number[] = [];
  let position = offset;
  for (const segment of segments.filter((candidate) => isPart(tokenizer, candidate))) {
    const { token, logprob } = described(tokenizer, segment.token, segment.logprob as number);
    tokens.push(token);
    values.push(logprob);
    const top = (segment.topLogprobs ?? []).map(([other, value]) => described(tokenizer, other, value));
    tops.push(Object.fromEntries(top.map((entry) => [entry.token, entry.logprob])));
    offsets.push(position);
    position += token.length;
  }
  return { tokens, token_logprobs: values, top_logprobs: tops, text_offset: offsets };
}
