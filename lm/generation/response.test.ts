import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { startsInReasoning, thinkingMarkers } from './reasoning.ts';
import { type ResponseOptions, type ResponsePart, ResponseSplitter } from './response.ts';
import { StopStrings } from './stop.ts';
import { findToolFormat, type ToolFormat } from './tool-calls.ts';

/** Every way of cutting a text into segments of one length. */
const cuts = (text: string) =>
  [1, 2, 3, 5, text.length].map((size) => text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []);

function stopped(stops: string[], segments: readonly string[]) {
  const strings = new StopStrings(stops);
  const results = segments.map((segment) => strings.push(segment));
  const text = results.map((result) => result.text).join('') + strings.flush();
  return { text, stop: results.at(-1)?.stop };
}

describe('StopStrings', () => {
  it.each([
    [['</s>'], 'one two</s> three', 'one two', '</s>'],
    [['abcd', 'bc'], 'aabcd', 'aa', 'bc'],
    [['abcx', 'c'], 'ababcx', 'abab', 'c'],
    [['aab'], 'aaaaab', 'aaa', 'aab'],
    [['ababc'], 'abababcd', 'ab', 'ababc'],
    [['\n\n', 'User:'], 'Hi\nUser\nUser: you', 'Hi\nUser\n', 'User:'],
    [['stop'], 'sto sto', 'sto sto', undefined],
    [['😀!'], 'a😀😀!b', 'a😀', '😀!'],
    [[], 'text', 'text', undefined],
  ])('finds the first of %j in %j, wherever it is cut', (stops, text, before, stop) => {
    for (const segments of cuts(text)) expect(stopped(stops, segments)).toEqual({ text: before, stop });
  });

  it('gives what cannot be the beginning of a stop string at once, and nothing after one', () => {
    const strings = new StopStrings(['END']);
    expect(strings.push('the EN')).toEqual({ text: 'the ', stop: undefined });
    expect(strings.push('EN')).toEqual({ text: 'EN', stop: undefined });
    expect(strings.push('D and')).toEqual({ text: '', stop: 'END' });
    expect(strings.push('more')).toEqual({ text: '', stop: 'END' });
    expect(strings.flush()).toBe('');
  });

  it('takes no longer for a segment at the end of a long answer', () => {
    const strings = new StopStrings(['aaaab', 'b'.repeat(1000)]);
    let length = 0;
    for (let i = 0; i < 100_000; i++) length += strings.push('aaab').text.length;
    expect(length + strings.flush().length).toBe(400_000);
  });

  it.each([[['']], ['stop'], [[1]], [null]])('refuses %j', (stops) => {
    expect(() => new StopStrings(stops as string[])).toThrow(ArgumentError);
  });
});

const nothing = () => false;
const format = (parser: string) => findToolFormat(undefined, nothing, parser) as ToolFormat;
const thinking = { start: '<think>', end: '</think>' };

function split(options: ResponseOptions, segments: readonly string[]): ResponsePart[] {
  const splitter = new ResponseSplitter(options);
  const parts = [...segments.flatMap((segment) => splitter.push(segment)), ...splitter.flush()];
  // Neighbours of one kind are put together: how they are cut says nothing.
  const joined: ResponsePart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'toolCalls' || last === undefined || last.kind !== part.kind) joined.push(part);
    else joined[joined.length - 1] = { kind: part.kind, text: last.text + part.text };
  }
  return joined;
}

const text = (value: string) => ({ kind: 'text', text: value }) as const;
const calls = (...made: [string, object][]) => ({
  kind: 'toolCalls',
  calls: made.map(([name, args]) => ({ name, arguments: args })),
});

describe('ResponseSplitter', () => {
  it('splits reasoning off', () => {
    for (const segments of cuts('<think>so </thin</think>\n\nYes < no <think')) {
      expect(split({ thinking }, segments)).toEqual([
        { kind: 'reasoning', text: 'so </thin' },
        text('\n\nYes < no <think'),
      ]);
    }
  });

  it('begins in reasoning where the prompt ends there', () => {
    expect(startsInReasoning('<think>a</think> b <think>\n', thinking)).toBe(true);
    expect(startsInReasoning('<think>\n\n</think>\n', thinking)).toBe(false);
    expect(startsInReasoning('<think>', undefined)).toBe(false);
    expect(split({ thinking, startsInReasoning: true }, ['a</think>b'])).toEqual([
      { kind: 'reasoning', text: 'a' },
      text('b'),
    ]);
  });

  it('gives text as it is where a model marks nothing', () => {
    expect(split({}, ['<think>', '<tool_call>{}'])).toEqual([text('<think><tool_call>{}')]);
  });

  it.each<[string, string, unknown[]]>([
    [
      'json_tools',
      'A<tool_call>\n{"name": "f", "arguments": {"x": "</tool>"}}\n</tool_call>B<tool_call>{"name":"g"}</tool_call>',
      [text('A'), calls(['f', { x: '</tool>' }]), text('B'), calls(['g', {}])],
    ],
    [
      'json_tools',
      '<tool_call>{"name": "f", "argum</tool_call>!',
      [text('<tool_call>{"name": "f", "argum</tool_call>!')],
    ],
    ['json_tools', '<tool_call>[]</tool_call>', [text('<tool_call>[]</tool_call>')]],
    ['json_tools', '<tool_call>{"name": 1}</tool_call>', [text('<tool_call>{"name": 1}</tool_call>')]],
    ['json_tools', 'x<tool_call>{"name": "f"', [text('x<tool_call>{"name": "f"')]],
    ['llama3', ' {"name": "f", "parameters": {"a": 1}}', [calls(['f', { a: 1 }])]],
    ['llama3', '{"name":"f","parameters":{"a":"};"}}; {"name":"g"}', [calls(['f', { a: '};' }], ['g', {}])]],
    ['llama3', '<|python_tag|>{"name": "f", "arguments": "{}"}', [calls(['f', {}])]],
    ['llama3', '{"is": "an answer"}', [text('{"is": "an answer"}')]],
    ['llama3', 'Not {"name": "f"}', [text('Not {"name": "f"}')]],
    ['mistral', '[TOOL_CALLS][{"name": "f", "arguments": {"a": [1]}}]', [calls(['f', { a: [1] }])]],
    [
      'mistral',
      'ok[TOOL_CALLS]f[ARGS]{"a": "]}"}[TOOL_CALLS]g-h[ARGS]{}',
      [text('ok'), calls(['f', { a: ']}' }], ['g-h', {}])],
    ],
    ['mistral', '[TOOL_CALLS]f[ARGS]{"a": ', [text('[TOOL_CALLS]f[ARGS]{"a": ')]],
    [
      'function_gemma',
      '<start_function_call>call:f{a:<escape>x, y}<escape>,b:3,c:word}<end_function_call>',
      [calls(['f', { a: 'x, y}', b: 3, c: 'word' }])],
    ],
    [
      'gemma4',
      '<|tool_call>call:f-g{a:{b:[1,<|"|>"q"<|"|>,true],c:{}},d:null}<tool_call|>',
      [calls(['f-g', { a: { b: [1, '"q"', true], c: {} }, d: null }])],
    ],
    ['gemma4', '<|tool_call>call:f{a:<|"|>x}<tool_call|>', [text('<|tool_call>call:f{a:<|"|>x}<tool_call|>')]],
    [
      'qwen3_coder',
      '<tool_call>\n<function=f>\n<parameter=n>\n3\n</parameter>\n<parameter=s>\n3\n</parameter>\n</function>\n</tool_call>',
      [calls(['f', { n: 3, s: '3' }])],
    ],
    [
      'qwen3_coder',
      '<tool_call><function=f><parameter=n>3.5</parameter></function></tool_call>',
      [text('<tool_call><function=f><parameter=n>3.5</parameter></function></tool_call>')],
    ],
  ])('reads calls as %s: %s', (parser, answer, parts) => {
    const properties = { n: { type: 'integer' }, s: { type: 'string' } };
    const tools = [{ type: 'function', function: { name: 'f', parameters: { properties } } }];
    for (const segments of cuts(answer)) expect(split({ toolFormat: format(parser), tools }, segments)).toEqual(parts);
  });

  it('reads calls within reasoning, and keeps names as they are', () => {
    const parts = split({ thinking, toolFormat: format('json_tools') }, [
      '<think>a<tool_call>{"name":"f","arguments":{"__proto__":1}}</tool_call>b',
    ]);
    expect(parts[0]).toEqual({ kind: 'reasoning', text: 'a' });
    expect(JSON.stringify(parts[1])).toContain('"__proto__":1');
    expect(parts[2]).toEqual(text('b'));
  });

  it('keeps as text what is nested without end, or long', () => {
    const long = '{"name": "f", "arguments": {"a": "'.padEnd(200_000, '\\"');
    expect(split({ toolFormat: format('llama3') }, [long])).toEqual([text(long)]);
    for (const opening of ['[', '{a:']) {
      const deep = `<|tool_call>call:f{a:${opening.repeat(20_000)}<tool_call|>`;
      expect(split({ toolFormat: format('gemma4') }, [deep])).toEqual([text(deep)]);
    }
    const deepJson = `[TOOL_CALLS]f[ARGS]${'['.repeat(50_000)}`;
    expect(split({ toolFormat: format('mistral') }, [deepJson])).toEqual([text(deepJson)]);
  });
});

describe('what a model marks', () => {
  it('is told from its vocabulary', () => {
    const of = (...tokens: string[]) => thinkingMarkers((token) => tokens.includes(token));
    expect(of('<think>', '</think>')).toEqual(thinking);
    expect(of('<think>')).toBeUndefined();
    expect(of('<|channel>', '<channel|>')).toEqual({ start: '<|channel>thought', end: '<channel|>' });
    expect(of('<|open|>', '<|close|>', '<|sep|>', '<|end_of_msg|>')?.start).toBe('<|open|>think<|sep|>');
  });

  it.each([
    ['{{ "<tool_call>" + tool_call.name }}', 'json_tools'],
    ['<tool_call>\n<function=', 'qwen3_coder'],
    ['[TOOL_CALLS]', 'mistral'],
    ['<start_function_call>', 'function_gemma'],
    ['<|tool_call> <tool_call|>', 'gemma4'],
    ['message.tool_calls', 'llama3'],
    ['<arg_key> <tool_call> tool_call.name', undefined],
    ['plain', undefined],
    [undefined, undefined],
  ])('is told from its template: %s', (template, name) => {
    expect(findToolFormat(template, (token) => token === '<|python_tag|>')?.name).toBe(name);
    expect(findToolFormat('[TOOL_CALLS]', nothing, 'unknown')).toBeUndefined();
  });
});
