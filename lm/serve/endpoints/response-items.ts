import type { Segment } from '../../generation/segments.ts';
import { newId } from '../exchange.ts';

/** An event of a streamed response, without its number. */
export interface ResponseEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The text of a message or of what the model thinks, while it comes. */
interface OpenItem {
  readonly kind: 'message' | 'reasoning';
  readonly id: string;
  /** The pieces so far. */
  readonly texts: string[];
}

function partOf({ kind }: OpenItem, text: string) {
  return kind === 'message'
    ? { type: 'output_text', text, annotations: [], logprobs: [] }
    : { type: 'reasoning_text', text };
}

function itemOf(item: OpenItem, isDone: boolean) {
  const status = isDone ? 'completed' : 'in_progress';
  const content = isDone ? [partOf(item, item.texts.join(''))] : [];
  return item.kind === 'message'
    ? { id: item.id, type: 'message', status, role: 'assistant', content }
    : { id: item.id, type: 'reasoning', status, summary: [], content };
}

/** Puts the segments of an answer into the items of a response's `output`, and tells of each change. */
export class ResponseItems {
  readonly output: object[] = [];
  #open: OpenItem | undefined;

  *add({ text, reasoning, toolCalls = [] }: Segment): Generator<ResponseEvent> {
    if (reasoning !== undefined && reasoning !== '') yield* this.#write('reasoning', reasoning);
    if (text !== '') yield* this.#write('message', text);
    for (const { id, name, arguments: args } of toolCalls) {
      yield* this.#close();
      const call = { id: newId('fc_'), type: 'function_call', call_id: id ?? newId('call_'), name };
      const text = JSON.stringify(args);
      const place = { item_id: call.id, output_index: this.output.length };
      const item = { ...call, arguments: text, status: 'completed' };
      const begun = { ...call, arguments: '', status: 'in_progress' };
      yield { type: 'response.output_item.added', output_index: place.output_index, item: begun };
      yield { type: 'response.function_call_arguments.delta', ...place, delta: text };
      yield { type: 'response.function_call_arguments.done', ...place, name, arguments: text };
      yield { type: 'response.output_item.done', output_index: place.output_index, item };
      this.output.push(item);
    }
  }

  /** Ends the last item; an answer without any has an empty message. */
  *finish(): Generator<ResponseEvent> {
    if (this.output.length === 0 && this.#open === undefined) yield* this.#begin('message');
    yield* this.#close();
  }

  *#write(kind: OpenItem['kind'], delta: string): Generator<ResponseEvent> {
    if (this.#open?.kind !== kind) {
      yield* this.#close();
      yield* this.#begin(kind);
    }
    const item = this.#open as OpenItem;
    item.texts.push(delta);
    yield { type: `${nameOf(item)}.delta`, ...this.#place(item), delta, ...logprobsOf(item) };
  }

  *#begin(kind: OpenItem['kind']): Generator<ResponseEvent> {
    const item: OpenItem = { kind, id: newId(kind === 'message' ? 'msg_' : 'rs_'), texts: [] };
    this.#open = item;
    yield { type: 'response.output_item.added', output_index: this.output.length, item: itemOf(item, false) };
    yield { type: 'response.content_part.added', ...this.#place(item), part: partOf(item, '') };
  }

  *#close(): Generator<ResponseEvent> {
    const item = this.#open;
    if (item === undefined) return;
    this.#open = undefined;
    const text = item.texts.join('');
    const whole = itemOf(item, true);
    yield { type: `${nameOf(item)}.done`, ...this.#place(item), text, ...logprobsOf(item) };
    yield { type: 'response.content_part.done', ...this.#place(item), part: partOf(item, text) };
    yield { type: 'response.output_item.done', output_index: this.output.length, item: whole };
    this.output.push(whole);
  }

  #place({ id }: OpenItem) {
    return { item_id: id, output_index: this.output.length, content_index: 0 };
  }
}

const nameOf = ({ kind }: OpenItem): string =>
  kind === 'message' ? 'response.output_text' : 'response.reasoning_text';

const logprobsOf = ({ kind }: OpenItem) => (kind === 'message' ? { logprobs: [] } : {});
