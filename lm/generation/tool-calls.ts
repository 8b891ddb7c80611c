import { parseGemma } from './gemma-calls.ts';
import { parseJson, parseLlama, parseMistral, parseQwenCoder, type ToolParser } from './tool-parsers.ts';

/** How a model writes the calls of tools. */
export interface ToolFormat {
  /** The module in `mlx_lm.tool_parsers`, where there is one. */
  readonly name: string;
  readonly start: string;
  /** Empty: calls go on to the end of the answer. */
  readonly end: string;
  readonly parse: ToolParser;
  /** An answer that begins with this may be a call as a whole, without markers. */
  readonly bare?: string;
}

const formats = {
  json: { name: 'json_tools', start: '<tool_call>', end: '</tool_call>', parse: parseJson },
  qwenCoder: { name: 'qwen3_coder', start: '<tool_call>', end: '</tool_call>', parse: parseQwenCoder },
  mistral: { name: 'mistral', start: '[TOOL_CALLS]', end: '', parse: parseMistral },
  gemma: {
    name: 'function_gemma',
    start: '<start_function_call>',
    end: '<end_function_call>',
    parse: parseGemma('<escape>'),
  },
  gemma4: { name: 'gemma4', start: '<|tool_call>', end: '<tool_call|>', parse: parseGemma('<|"|>') },
  llama: { name: 'llama3', start: '<|python_tag|>', end: '', parse: parseLlama, bare: '{' },
} satisfies Record<string, ToolFormat>;

/**
 * How a model writes calls, told from its chat template as mlx_lm tells it; Llama 3, which mlx_lm does not know, by its
 * vocabulary and the names in its template. Undefined: not at all, or in a way that is not read here.
 * @param parser the field `tool_parser_type` of tokenizer_config.json, which wins
 */
export function findToolFormat(
  template: string | undefined,
  hasToken: (text: string) => boolean,
  parser?: string,
): ToolFormat | undefined {
  if (parser !== undefined) return Object.values(formats).find(({ name }) => name === parser);
  if (template === undefined) return undefined;
  const has = (...texts: string[]) => texts.every((text) => template.includes(text));
  if (has('<minimax:tool_call>')) return undefined;
  if (has('<|tool_call>', '<tool_call|>')) return formats.gemma4;
  if (has('<start_function_call>')) return formats.gemma;
  const others = ['<longcat_tool_call>', '<arg_key>', '<|tool_list_start|>', '<|tool_call_start|>'];
  if (others.some((text) => has(text))) return undefined;
  if (has('<tool_call>\\n<function=') || has('<tool_call>\n<function=')) return formats.qwenCoder;
  if (has('<|tool_calls_section_begin|>') || has('<function name="', '<param name="')) return undefined;
  if (has('[TOOL_CALLS]')) return formats.mistral;
  if (has('<tool_call>', 'tool_call.name')) return formats.json;
  if (hasToken('<|python_tag|>') && has('tool_calls')) return formats.llama;
  return undefined;
}
