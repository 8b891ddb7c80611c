import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../config/read-config.ts';
import type { Engine, TokenStep } from '../../engines/engine.ts';
import { NativeEngine } from '../../engines/native-engine.ts';
import type { SampleOptions } from '../../engines/options.ts';
import { LanguageModel } from '../../language-model.ts';
import { buildModel } from '../../loading/build.ts';
import { readWeights } from '../../loading/weights.ts';
import { writeTinyModel } from '../../test-support/tiny-model.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';

/** A template that says how calls of tools are written, as those of Qwen's models do. */
const TOOL_TEMPLATE =
  '{% for tool in tools or [] %}{{ tool.function.name }};{% endfor %}{% for m in messages %}{{ m.role }}: {{ m.content }}' +
  '{% for tool_call in m.tool_calls or [] %}<tool_call>{{ tool_call.function.arguments.city }}{{ tool_call.name }}' +
  '</tool_call>{% endfor %}; {% endfor %}';

/** A model with random weights. */
export async function tinyModel(folder: string): Promise<LanguageModel> {
  writeTinyModel(folder);
  const config = await readConfig(folder);
  const engine = new NativeEngine(buildModel(config, await readWeights(folder), folder), 'llama');
  return new LanguageModel({
    engine,
    tokenizer: await loadTokenizer(folder),
    config,
    path: folder,
    reason: 'ported',
    weights: 'stored',
  });
}

/** What answers with a text, however often and whatever it is asked. */
export class ScriptedEngine implements Engine {
  readonly implementation = 'native';
  readonly architecture = 'script';
  /** How many tokens it gave. */
  given = 0;
  /** The prompts that it was given, as tokens. */
  readonly prompts: (readonly number[])[] = [];
  readonly #tokens: Iterable<number>;
  readonly #pauseMs: number;

  constructor(tokens: Iterable<number>, pauseMs = 0) {
    this.#tokens = tokens;
    this.#pauseMs = pauseMs;
  }

  newCache() {
    return { offset: 0, trim: () => 0, dispose: () => undefined };
  }

  async *steps(
    prompt: readonly number[],
    _cache: unknown,
    { signal, maxTokens }: SampleOptions,
  ): AsyncGenerator<TokenStep, void, undefined> {
    this.prompts.push(prompt);
    let count = 0;
    for (const token of this.#tokens) {
      await new Promise((resolve) => (this.#pauseMs > 0 ? setTimeout(resolve, this.#pauseMs) : setImmediate(resolve)));
      signal?.throwIfAborted();
      this.given++;
      yield { token };
      if (++count === maxTokens) return;
    }
  }

  dispose(): void {}
}

/** A model without weights, whose answers are written beforehand. `tokensOf` gives the tokens of a text. */
export async function scriptedModel(
  folder: string,
  script: (tokensOf: (text: string) => number[]) => Iterable<number>,
  pauseMs = 0,
): Promise<{ readonly model: LanguageModel; readonly engine: ScriptedEngine }> {
  writeTinyModel(folder, { max_position_embeddings: 1_000_000 });
  const path = join(folder, 'tokenizer_config.json');
  const settings = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...settings, chat_template: TOOL_TEMPLATE }));
  const tokenizer = await loadTokenizer(folder);
  const engine = new ScriptedEngine(
    script((text) => tokenizer.encode(text)),
    pauseMs,
  );
  const config = await readConfig(folder);
  const model = new LanguageModel({ engine, tokenizer, config, path: folder, reason: 'forced', weights: 'stored' });
  return { model, engine };
}

/** One token without end, as often as it is asked for. */
export const endless = (token: number): Iterable<number> => ({
  *[Symbol.iterator]() {
    for (;;) yield token;
  },
});
