/** What a model puts around its reasoning. */
export interface ThinkingMarkers {
  readonly start: string;
  readonly end: string;
}

const single: readonly ThinkingMarkers[] = [
  { start: '<think>', end: '</think>' },
  { start: '<longcat_think>', end: '</longcat_think>' },
  { start: '<|think:start|>', end: '<|think:end|>' },
];

/**
 * How a model marks its reasoning, told from the tokens of its vocabulary, as mlx_lm tells it.
 * @param hasToken whether the vocabulary has a token of this text
 */
export function thinkingMarkers(hasToken: (text: string) => boolean): ThinkingMarkers | undefined {
  const known = single.find(({ start, end }) => hasToken(start) && hasToken(end));
  if (known !== undefined) return known;
  const hasAll = (...texts: string[]) => texts.every(hasToken);
  if (hasAll('<|channel>', '<channel|>')) return { start: '<|channel>thought', end: '<channel|>' };
  if (hasAll('<|open|>', '<|close|>', '<|sep|>', '<|end_of_msg|>')) {
    return { start: '<|open|>think<|sep|>', end: '<|close|>think<|sep|>' };
  }
  return undefined;
}

/** Whether a prompt ends within reasoning, as some templates do, so that the answer begins there. */
export function startsInReasoning(prompt: string, markers: ThinkingMarkers | undefined): boolean {
  return markers !== undefined && prompt.lastIndexOf(markers.start) > prompt.lastIndexOf(markers.end);
}
