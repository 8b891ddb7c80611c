import { ArgumentError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { compileTemplate, type RenderTemplate } from './template.ts';
import type { ChatTemplateOptions, Message } from './tokenizer.ts';

const OPERATION = 'tokenizer.applyChatTemplate';
/** Stands behind the last message while it is rendered, so that its end is found again. */
const END_TAG = 'CONTINUE_FINAL_MESSAGE_TAG ';

/** The chat templates of a model, which are compiled when they are first needed. */
export class ChatTemplate {
  readonly #templates: ReadonlyMap<string, string>;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #origin: string;
  readonly #compiled = new Map<string, RenderTemplate>();

  /** `variables` are what every rendering sees, unless the caller gives them. */
  constructor(templates: ReadonlyMap<string, string>, variables: Readonly<Record<string, unknown>>, origin: string) {
    this.#templates = templates;
    this.#variables = variables;
    this.#origin = origin;
  }

  get exists(): boolean {
    return this.#templates.size > 0;
  }

  get source(): string | undefined {
    return this.#templates.get('tool_use') ?? this.#templates.get('default');
  }

  render(messages: readonly Message[], options: ChatTemplateOptions): string {
    checkMessages(messages);
    const { tools, addGenerationPrompt = false, continueFinalMessage = false, ...variables } = options;
    if (tools !== undefined && !Array.isArray(tools))
      fail(`expected a list of tools, received ${describeValue(tools)}`);
    if (addGenerationPrompt && continueFinalMessage) {
      fail(
        'a prompt either goes on with the last message or opens a new one: "continueFinalMessage" and "addGenerationPrompt" exclude each other',
      );
    }
    const name = this.#chosen(tools);
    const prompt = this.#run(name, {
      ...this.#variables,
      tools: tools ?? null,
      documents: null,
      ...variables,
      messages: continueFinalMessage ? withEndTag(messages) : messages,
      add_generation_prompt: addGenerationPrompt,
    });
    return continueFinalMessage ? cutAtEndTag(prompt) : prompt;
  }

  /** Where there are several, the one for tools is taken for tools. */
  #chosen(tools: readonly object[] | undefined): string {
    if (tools !== undefined && this.#templates.has('tool_use')) return 'tool_use';
    if (this.#templates.has('default')) return 'default';
    return fail(
      this.exists
        ? `the tokenizer in ${this.#origin} has the chat templates ${[...this.#templates.keys()].join(', ')} and none that is named "default": name one with loadTokenizer(folder, { chatTemplate })`
        : `the tokenizer in ${this.#origin} has no chat template: give one with loadTokenizer(folder, { chatTemplate }), or write the prompt yourself and encode it. Base models have none; those with "instruct" or "chat" in their names do`,
    );
  }

  #run(name: string, variables: Record<string, unknown>): string {
    try {
      let render = this.#compiled.get(name);
      if (render === undefined) {
        render = compileTemplate(this.#templates.get(name) as string);
        this.#compiled.set(name, render);
      }
      return render(variables);
    } catch (error) {
      throw new ArgumentError(`the chat template in ${this.#origin} refuses these messages: ${messageOf(error)}`, {
        operation: OPERATION,
        cause: error,
      });
    }
  }
}

function checkMessages(messages: readonly Message[]): void {
  if (!Array.isArray(messages)) fail(`expected a list of messages, received ${describeValue(messages)}`);
  messages.forEach((message: unknown, index) => {
    const role = typeof message === 'object' && message !== null ? (message as Message).role : undefined;
    if (typeof role !== 'string') {
      fail(`expected { role, content } for each message, received ${describeValue(message)} for the one at ${index}`);
    }
  });
}

/** The messages with the tag behind the last one, or behind its last text where it has parts. */
function withEndTag(messages: readonly Message[]): readonly Message[] {
  const last = messages.at(-1);
  const content = last?.content;
  if (last !== undefined && typeof content === 'string') {
    return [...messages.slice(0, -1), { ...last, content: content + END_TAG }];
  }
  if (last !== undefined && Array.isArray(content)) {
    const parts = content.map((part: object) => ({ ...part })) as { text?: unknown }[];
    const text = parts.reverse().find((part) => typeof part.text === 'string');
    if (text !== undefined) {
      text.text = text.text + END_TAG;
      return [...messages.slice(0, -1), { ...last, content: parts.reverse() }];
    }
  }
  return fail('"continueFinalMessage" needs a last message with a text to go on with');
}

function cutAtEndTag(prompt: string): string {
  const at = prompt.lastIndexOf(END_TAG.trim());
  if (at < 0) return fail('the chat template leaves the last message out, so that it cannot be continued');
  const head = prompt.slice(0, at);
  // A template that trims the message took the tag's space away, and the text's own with it.
  return prompt.startsWith(END_TAG, at) ? head : head.trimEnd();
}

function fail(text: string): never {
  throw new ArgumentError(text, { operation: OPERATION });
}
