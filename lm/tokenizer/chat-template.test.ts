import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { loadSample as load, root, sample, samples } from './test-support/samples.ts';
import type { ChatTemplateOptions, Message } from './tokenizer.ts';

afterAll(() => rmSync(root, { recursive: true }));

const HI: Message[] = [{ role: 'user', content: 'Hi' }];

/** What a template makes of a chat. */
async function rendered(template: string, messages = HI, options: ChatTemplateOptions = {}): Promise<string> {
  return (await load('gpt2', {}, { chatTemplate: template })).applyChatTemplate(messages, options);
}

describe.each(samples)('$name, as in Python', (expected) => {
  it('renders chats', async () => {
    const tokenizer = await load(expected.name);
    expect(tokenizer.hasChatTemplate).toBe(expected.chats.length > 0);
    for (const [messages, settings, prompt] of expected.chats) {
      const { add_generation_prompt = false, continue_final_message = false, tools } = settings as never;
      const render = () =>
        tokenizer.applyChatTemplate(messages, {
          addGenerationPrompt: add_generation_prompt,
          continueFinalMessage: continue_final_message,
          tools,
        });
      if (prompt === null) expect(render).toThrow(ArgumentError);
      else expect(render()).toBe(prompt);
    }
  });
});

describe('where templates come from', () => {
  const { chat_template, ...config } = sample('gpt2').config;
  const first = async (files: object, options = {}, settings: ChatTemplateOptions = {}) =>
    (await load('gpt2', { 'tokenizer_config.json': config, ...files }, options)).applyChatTemplate(HI, settings);

  it('are files before tokenizer_config.json, and the caller before both', async () => {
    const files = { 'tokenizer_config.json': { ...config, chat_template: 'config' }, 'chat_template.jinja': 'jinja' };
    expect(await first(files)).toBe('jinja');
    expect(await first(files, { chatTemplate: 'given' })).toBe('given');
    expect(await first({ 'chat_template.json': { chat_template: 'json' } })).toBe('json');
    expect(chat_template).toBeDefined();
  });

  it('may be several, of which one is for tools', async () => {
    const named = [
      { name: 'default', template: 'usual' },
      { name: 'tool_use', template: 'tools' },
      { name: 'rag', template: 'documents' },
    ];
    const files = { 'tokenizer_config.json': { ...config, chat_template: named } };
    expect(await first(files)).toBe('usual');
    expect(await first(files, {}, { tools: [{}] })).toBe('tools');
    expect(await first(files, { chatTemplate: 'rag' })).toBe('documents');
    const odd = { 'tokenizer_config.json': { ...config, chat_template: named.slice(2) } };
    await expect(first(odd)).rejects.toThrow(/none that is named "default"/);
  });

  it('may be none, which says what to do', async () => {
    const tokenizer = await load('gpt2', { 'tokenizer_config.json': config });
    expect(tokenizer.hasChatTemplate).toBe(false);
    expect(() => tokenizer.applyChatTemplate(HI)).toThrow(/no chat template: give one with loadTokenizer/);
  });
});

describe('what templates see', () => {
  it('is messages, tools, special tokens, dates and whatever the caller gives', async () => {
    expect(await rendered('{{ bos_token }}{{ eos_token }}{{ pad_token }}')).toBe('<|endoftext|><|im_end|>');
    expect(await rendered('{{ name }}{% if tools is none %} no tools{% endif %}', HI, { name: 'x' })).toBe(
      'x no tools',
    );
    expect(await rendered('{% if enable_thinking is false %}off{% endif %}')).toBe('off');
    expect(await rendered('{% if enable_thinking %}on{% endif %}', HI, { enable_thinking: true })).toBe('on');
    expect(await rendered("{{ strftime_now('%Y-%m-%d %%') }}")).toMatch(/^2\d{3}-\d\d-\d\d %$/);
    expect(await rendered('{{ tools | tojson }}', HI, { tools: [{ a: [1, 'ü'] }] })).toBe('[{"a": [1, "ü"]}]');
    expect(await rendered('{% for i in range(2, 8, 3) %}{{ i }}{% endfor %}')).toBe('25');
    expect(await rendered('a{% generation %}b{%- endgeneration %}')).toBe('ab');
    expect(await rendered('{{ messages[0].content }}', [{ role: 'user' }])).toBe('');
  });
});

describe('templates that do not end well', () => {
  it.each([
    ['raise', "{{ raise_exception('roles must alternate') }}", /refuses these messages: roles must alternate/],
    ['are not sound', '{% if %}', ArgumentError],
    ['are cut off', '{% for m in messages %}', ArgumentError],
    ['count for ever', '{% for i in range(10 ** 9) %}x{% endfor %}', ArgumentError],
    ['have a long range', '{% for i in range(1000000) %}x{% endfor %}', /longer than/],
    ['have no step', '{% for i in range(1, 2, 0) %}x{% endfor %}', ArgumentError],
    [
      'double a text',
      "{% set n = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}{{ n.s }}",
      /text of more than/,
    ],
    ['call themselves', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', ArgumentError],
  ])('%s: an ArgumentError', async (_, template, message) => {
    const error = await rendered(template).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ArgumentError);
    if (message instanceof RegExp) expect(error.message).toMatch(message);
  });

  it('do too much: an ArgumentError within seconds', async () => {
    const start = performance.now();
    const busy = '{% for i in range(99999) %}{{ 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 }}{% endfor %}';
    await expect(rendered(busy)).rejects.toThrow(/did not end/);
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});

describe('arguments', () => {
  it.each([[null], ['Hi'], [[null]], [['Hi']], [[{ content: 'no role' }]]])('%j are no messages', async (messages) => {
    await expect(rendered('x', messages as never)).rejects.toThrow(ArgumentError);
    expect((await load('gpt2')).applyChatTemplate([])).toBe('');
  });

  it('continues a message, with parts too, and refuses what cannot be continued', async () => {
    const settings = { continueFinalMessage: true };
    const parts: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'a ' }, { type: 'image' }] }];
    expect(await rendered('<{{ messages[0].content[0].text }}>', parts, settings)).toBe('<a ');
    expect(await rendered('<{{ messages[0].content | trim }}>', [{ role: 'a', content: 'b  ' }], settings)).toBe('<b');
    await expect(rendered('nothing', HI, settings)).rejects.toThrow(/leaves the last message out/);
    await expect(rendered('x', [], settings)).rejects.toThrow(ArgumentError);
    await expect(rendered('x', [{ role: 'user' }], settings)).rejects.toThrow(ArgumentError);
    await expect(rendered('x', HI, { ...settings, addGenerationPrompt: true })).rejects.toThrow(/exclude each other/);
    await expect(rendered('x', HI, { tools: 'f' as never })).rejects.toThrow(/list of tools/);
  });

  it('does not follow an object that holds itself', async () => {
    const message: Record<string, unknown> = { role: 'user', content: 'Hi' };
    message.self = message;
    await expect(rendered('x', [message as Message])).rejects.toThrow(ArgumentError);
  });
});
