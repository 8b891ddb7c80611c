import { MarkerReader } from './markers.ts';
import type { ThinkingMarkers } from './reasoning.ts';
import type { ToolFormat } from './tool-calls.ts';
import type { ToolCall, ToolDefinition } from './tool-parsers.ts';

/** A part of an answer. */
export type ResponsePart =
  | { readonly kind: 'text' | 'reasoning'; readonly text: string }
  | { readonly kind: 'toolCalls'; readonly calls: readonly ToolCall[] };

export interface ResponseOptions {
  readonly thinking?: ThinkingMarkers | undefined;
  readonly toolFormat?: ToolFormat | undefined;
  /** What the parser may look up the types of arguments in. */
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** Whether the prompt ends within reasoning. */
  readonly startsInReasoning?: boolean | undefined;
}

type State = 'text' | 'reasoning' | 'tool';

/** Splits the text of an answer, as it comes, into text, reasoning and calls. A malformed call is text. */
export class ResponseSplitter {
  readonly #reader: MarkerReader<State>;
  readonly #format: ToolFormat | undefined;
  readonly #tools: readonly ToolDefinition[];
  /** The pieces of a call that is not yet complete. */
  #call: string[] = [];
  #opened = '';
  /** Whether nothing but spaces came yet, and the answer may be a call as a whole. */
  #mayBeBare: boolean;
  #isBare = false;

  constructor({ thinking, toolFormat, tools = [], startsInReasoning = false }: ResponseOptions) {
    this.#format = toolFormat;
    this.#tools = tools;
    this.#mayBeBare = toolFormat?.bare !== undefined && !startsInReasoning;
    const toTool = toolFormat === undefined ? [] : [[toolFormat.start, 'tool'] as const];
    const fromText = thinking === undefined ? [] : [[thinking.start, 'reasoning'] as const];
    const fromReasoning = thinking === undefined ? [] : [[thinking.end, 'text'] as const];
    this.#reader = new MarkerReader<State>(
      {
        text: [...fromText, ...toTool],
        reasoning: [...fromReasoning, ...toTool],
        tool: toolFormat === undefined ? [] : [[toolFormat.end, 'text']],
      },
      startsInReasoning && thinking !== undefined ? 'reasoning' : 'text',
    );
  }

  push(segment: string): ResponsePart[] {
    const parts: ResponsePart[] = [];
    for (const { state, text, marker } of this.#reader.push(segment)) {
      if (state !== 'tool') this.#give(state, text, parts);
      else if (text !== '') this.#call.push(text);
      if (state === 'tool' && marker !== undefined) this.#close(marker, parts);
      else if (marker !== undefined && marker === this.#format?.start) this.#open(marker, parts);
    }
    return parts;
  }

  /** What is left when the answer ends. */
  flush(): ResponsePart[] {
    const parts: ResponsePart[] = [];
    const { state, text } = this.#reader.flush();
    if (state === 'tool') this.#call.push(text);
    else this.#give(state, text, parts);
    if (state === 'tool' || this.#call.length > 0) this.#close('', parts);
    return parts;
  }

  #give(kind: 'text' | 'reasoning', text: string, parts: ResponsePart[]): void {
    if (text === '') return;
    if (kind === 'reasoning' || !(this.#mayBeBare || this.#isBare)) {
      parts.push({ kind, text });
      return;
    }
    this.#call.push(text);
    if (this.#isBare || text.trim() === '') return;
    this.#mayBeBare = false;
    this.#isBare = text.trimStart().startsWith(this.#format?.bare as string);
    if (this.#isBare) return;
    parts.push({ kind, text: this.#call.join('') });
    this.#call = [];
  }

  #open(marker: string, parts: ResponsePart[]): void {
    if (this.#call.length > 0) this.#close('', parts);
    this.#mayBeBare = false;
    this.#opened = marker;
  }

  #close(end: string, parts: ResponsePart[]): void {
    const text = this.#call.join('');
    const calls = this.#format?.parse(text, this.#tools);
    const whole = this.#opened + text + end;
    this.#call = [];
    this.#opened = '';
    this.#isBare = false;
    if (calls !== undefined) parts.push({ kind: 'toolCalls', calls });
    else if (whole !== '') parts.push({ kind: 'text', text: whole });
  }
}
