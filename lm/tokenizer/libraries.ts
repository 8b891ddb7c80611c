import * as jinja from '@huggingface/jinja';
import * as tokenizers from '@huggingface/tokenizers';

// The declarations of both packages name their parts without extensions, which TypeScript cannot follow here: these
// are the parts that are used.

export interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: (number | undefined)[] };
  decode(tokens: number[], options: { clean_up_tokenization_spaces: boolean }): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  get_vocab(): ReadonlyMap<string, number>;
}

export const LibraryTokenizer = tokenizers.Tokenizer as unknown as new (
  tokenizer: object,
  config: object,
) => LibraryTokenizer;

export interface TemplateEnvironment {
  readonly variables: Map<string, unknown>;
  set(name: string, value: unknown): void;
}

interface TemplateInterpreter {
  run(program: unknown): { readonly value: unknown };
  evaluate(statement: unknown, environment: TemplateEnvironment): { readonly value: unknown };
}

export const { Environment, Interpreter, parse, tokenize } = jinja as unknown as {
  readonly Environment: new () => TemplateEnvironment;
  readonly Interpreter: new (environment: TemplateEnvironment) => TemplateInterpreter;
  readonly parse: (tokens: unknown) => unknown;
  readonly tokenize: (source: string, options: { lstrip_blocks: boolean; trim_blocks: boolean }) => unknown;
};
