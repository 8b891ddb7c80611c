import type { Message } from '../../tokenizer/tokenizer.ts';
import { wrongField } from '../errors.ts';
import { Fields, isObject, type Json } from './fields.ts';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'];
const TEXTS = ['text', 'input_text', 'output_text'];

/** The text of a content, which may be in parts. */
export function textOf(content: unknown, path: string): string {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content))
    throw wrongField(path, `expected a string or a list of parts for "${path}"`, 'invalid_type');
  const parts = content.map((part: unknown, i) => {
    const fields = new Fields(part, `${path}[${i}]`);
    const type = fields.string('type') ?? '';
    if (!TEXTS.includes(type)) {
      throw wrongField(`${path}[${i}].type`, `the model takes text alone, received a part of the type "${type}"`);
    }
    const text = fields.string('text');
    if (text === undefined) throw fields.wrong('text', 'a string');
    return text;
  });
  return parts.join('');
}

/** A call as templates take it: with its arguments as an object. */
export function callOf(name: string, args: unknown, path: string): Json {
  if (isObject(args)) return { name, arguments: args };
  try {
    const parsed: unknown = JSON.parse(typeof args === 'string' && args !== '' ? args : '{}');
    if (isObject(parsed)) return { name, arguments: parsed };
  } catch {
    // Refused below, with the name of the field.
  }
  throw wrongField(path, `expected the text of a JSON object for "${path}"`);
}

function callsOf(calls: readonly unknown[], path: string): Json[] {
  return calls.map((call, i) => {
    const fields = new Fields(call, `${path}[${i}]`);
    const given = fields.fields('function');
    const name = given?.string('name');
    if (given === undefined || name === undefined) throw fields.wrong('function', 'a function with a name');
    const called = callOf(name, given.get('arguments'), `${path}[${i}].function.arguments`);
    return { type: 'function', id: fields.string('id') ?? '', function: called };
  });
}

function messageOf(value: unknown, path: string): Message {
  const fields = new Fields(value, path);
  const role = fields.string('role') ?? '';
  if (!ROLES.includes(role)) throw fields.wrong('role', `one of ${ROLES.join(', ')}`);
  const calls = fields.list('tool_calls');
  const name = fields.string('name');
  const id = fields.string('tool_call_id');
  const reasoning = fields.string('reasoning') ?? fields.string('reasoning_content');
  return {
    // Templates know developers as what they were called before.
    role: role === 'developer' ? 'system' : role,
    content: textOf(fields.get('content'), `${path}.content`),
    ...(calls !== undefined && calls.length > 0 && { tool_calls: callsOf(calls, `${path}.tool_calls`) }),
    ...(name !== undefined && { name }),
    ...(id !== undefined && { tool_call_id: id }),
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
  };
}

/** The messages of a chat. */
export function messagesOf(body: Fields): Message[] {
  const messages = body.list('messages');
  if (messages === undefined || messages.length === 0) throw body.wrong('messages', 'a list of at least one message');
  return messages.map((message, i) => messageOf(message, `messages[${i}]`));
}

/** The tools that the template tells the model of; none where the request forbids to call them. */
export function toolsOf(body: Fields): readonly Json[] | undefined {
  body.refuse('functions', 'use "tools"');
  body.refuse('tool_choice', 'only "auto" and "none" are known', (value) => value === 'auto' || value === 'none');
  const tools = body.list('tools');
  if (tools === undefined || tools.length === 0) return undefined;
  const checked = tools.map((tool, i): Json => {
    const path = `tools[${i}]`;
    const fields = new Fields(tool, path);
    if (fields.get('type') !== 'function') throw fields.wrong('type', '"function"');
    // `/v1/responses` has the fields of the function beside the type.
    const given = fields.fields('function') ?? fields;
    const name = given.string('name');
    if (name === undefined) throw given.wrong('name', 'the name of the function');
    const described = { description: given.string('description') ?? '', parameters: given.get('parameters') ?? {} };
    return { type: 'function', function: { name, ...described } };
  });
  return body.get('tool_choice') === 'none' ? undefined : checked;
}
