import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import type { Example } from './batches.ts';

/** What data sets need of a tokenizer. */
export interface TrainingTokenizer {
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): number[];
  readonly eosTokenIds: Iterable<number>;
  applyChatTemplate(
    messages: readonly Message[],
    options?: { readonly tools?: readonly object[]; readonly addGenerationPrompt?: boolean },
  ): string;
}

/** One turn of a conversation, with more fields where a template knows them. */
interface Message {
  readonly role: string;
  readonly [field: string]: unknown;
}

type Line = Readonly<Record<string, unknown>>;
type Form = 'completion' | 'messages' | 'text';

export interface DatasetOptions {
  /** Whether prompts are not learned: of conversations all but the last message. Default: false. */
  readonly maskPrompt?: boolean | undefined;
}

export interface Datasets {
  readonly train: Example[];
  readonly valid: Example[];
  readonly test: Example[];
}

const FORMS = '{"text"}, {"prompt", "completion"} or {"messages"}';

function formOf(line: Line): Form | undefined {
  if ('prompt' in line && 'completion' in line) return 'completion';
  if ('messages' in line) return 'messages';
  return 'text' in line ? 'text' : undefined;
}

/** Reads one line. @throws Error that says what is wrong with it */
function parsed(text: string): { readonly line: Line; readonly form: Form } {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    throw new Error(`it is no JSON: ${messageOf(error)}`, { cause: error });
  }
  const isObject = typeof line === 'object' && line !== null && !Array.isArray(line);
  const form = isObject ? formOf(line as Line) : undefined;
  if (form === undefined) throw new Error(`expected ${FORMS}, received ${text.slice(0, 80)}`);
  return { line: line as Line, form };
}

function textIn(line: Line, field: string): string {
  const value = line[field];
  if (typeof value === 'string') return value;
  throw new Error(`expected a string for "${field}", received ${JSON.stringify(value)?.slice(0, 80)}`);
}

function messagesIn(line: Line): readonly Message[] {
  const { messages } = line;
  const isMessage = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && typeof (value as Message).role === 'string';
  if (Array.isArray(messages) && messages.length > 0 && messages.every(isMessage)) return messages;
  throw new Error(`expected a list of messages with "role", received ${JSON.stringify(messages)?.slice(0, 80)}`);
}

function toolsIn({ tools }: Line): { readonly tools?: readonly object[] } {
  if (tools === undefined || tools === null) return {};
  if (Array.isArray(tools)) return { tools };
  throw new Error(`expected a list for "tools", received ${JSON.stringify(tools)?.slice(0, 80)}`);
}

/** The tokens of one line, as mlx_lm has them. */
function exampleOf(line: Line, form: Form, tokenizer: TrainingTokenizer, maskPrompt: boolean): Example {
  if (form === 'text') {
    const tokens = tokenizer.encode(textIn(line, 'text'), { addSpecialTokens: true });
    const [end] = tokenizer.eosTokenIds;
    if (end !== undefined && tokens.at(-1) !== end) tokens.push(end);
    return { tokens: Int32Array.from(tokens), offset: 0 };
  }
  const tools = toolsIn(line);
  const messages =
    form === 'messages'
      ? messagesIn(line)
      : [
          { role: 'user', content: textIn(line, 'prompt') },
          { role: 'assistant', content: textIn(line, 'completion') },
        ];
  const tokensOf = (some: readonly Message[], addGenerationPrompt: boolean): number[] =>
    tokenizer.encode(tokenizer.applyChatTemplate(some, { ...tools, addGenerationPrompt }), { addSpecialTokens: false });
  const tokens = Int32Array.from(tokensOf(messages, false));
  if (!maskPrompt) return { tokens, offset: 0 };
  const isAnswer = messages.at(-1)?.role === 'assistant';
  return { tokens, offset: tokensOf(messages.slice(0, -1), isAnswer).length };
}

/**
 * The examples in a file of JSON lines, all of one form. Empty lines are passed over.
 * @throws FileError that names the file and the line
 */
export async function readExamples(
  file: string,
  tokenizer: TrainingTokenizer,
  { maskPrompt = false }: DatasetOptions = {},
): Promise<Example[]> {
  const examples: Example[] = [];
  let first: Form | undefined;
  let number = 0;
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const text of lines) {
      number++;
      if (text.trim() === '') continue;
      const { line, form } = parsed(text);
      first ??= form;
      if (form !== first) throw new Error(`expected the form of the lines before, "${first}", received "${form}"`);
      if (maskPrompt && form === 'text') throw new Error('there is no prompt to mask in {"text"}');
      examples.push(exampleOf(line, form, tokenizer, maskPrompt));
    }
  } catch (error) {
    const place = number === 0 ? file : `${file}:${number}`;
    throw new FileError(`${place}: ${messageOf(error)}`, { cause: error });
  }
  return examples;
}

/**
 * The data sets in a folder: `train.jsonl`, `valid.jsonl` and `test.jsonl`. One that is not there is empty.
 * @throws FileError that names the file and the line, and for a folder without any of them
 */
export async function loadDatasets(
  folder: string,
  tokenizer: TrainingTokenizer,
  options: DatasetOptions = {},
): Promise<Datasets> {
  const isThere = async (name: string): Promise<boolean> =>
    (await stat(join(folder, `${name}.jsonl`)).catch(() => undefined))?.isFile() === true;
  const read = async (name: string): Promise<Example[] | undefined> =>
    (await isThere(name)) ? readExamples(join(folder, `${name}.jsonl`), tokenizer, options) : undefined;
  const [train, valid, test] = [await read('train'), await read('valid'), await read('test')];
  if (train === undefined && valid === undefined && test === undefined) {
    throw new FileError(`${folder} has none of train.jsonl, valid.jsonl and test.jsonl, with lines of ${FORMS}`);
  }
  return { train: train ?? [], valid: valid ?? [], test: test ?? [] };
}
