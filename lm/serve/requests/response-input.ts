import type { Message } from '../../tokenizer/tokenizer.ts';
import { Fields } from './fields.ts';
import { callOf, textOf } from './messages.ts';

const ROLES = ['system', 'developer', 'user', 'assistant'];

/** The messages that the `instructions` and the `input` of `/v1/responses` come to. */
export function inputOf(body: Fields): Message[] {
  const instructions = body.string('instructions');
  const before: Message[] = instructions === undefined ? [] : [{ role: 'system', content: instructions }];
  const input = body.get('input');
  if (typeof input === 'string') return [...before, { role: 'user', content: input }];
  const items = Array.isArray(input) ? (input as readonly unknown[]) : [];
  if (items.length === 0) throw body.wrong('input', 'a string, or a list of at least one item,');
  return [...before, ...items.flatMap((item, i) => itemOf(new Fields(item, `input[${i}]`), `input[${i}]`))];
}

function itemOf(item: Fields, path: string): Message[] {
  switch (item.string('type') ?? 'message') {
    case 'message': {
      const role = item.string('role') ?? '';
      if (!ROLES.includes(role)) throw item.wrong('role', `one of ${ROLES.join(', ')}`);
      const content = textOf(item.get('content'), `${path}.content`);
      return [{ role: role === 'developer' ? 'system' : role, content }];
    }
    case 'function_call': {
      const called = callOf(required(item, 'name'), item.get('arguments'), `${path}.arguments`);
      const call = { type: 'function', id: required(item, 'call_id'), function: called };
      return [{ role: 'assistant', content: '', tool_calls: [call] }];
    }
    case 'function_call_output':
      return [
        {
          role: 'tool',
          tool_call_id: required(item, 'call_id'),
          content: textOf(item.get('output'), `${path}.output`),
        },
      ];
    case 'reasoning':
      // What the model thought of earlier answers is no part of its next prompt.
      return [];
    default:
      throw item.wrong('type', 'one of message, function_call, function_call_output, reasoning');
  }
}

function required(item: Fields, name: string): string {
  const value = item.string(name);
  if (value === undefined) throw item.wrong(name, 'a string');
  return value;
}
