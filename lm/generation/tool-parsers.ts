/** A function that the model wants to be called. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** If the model gave it one. */
  readonly id?: string;
}

/** A tool as chat templates take it: `{ function: { name, parameters: { properties } } }`. */
export type ToolDefinition = Readonly<Record<string, unknown>>;

/** Calls in the text between the markers; undefined where there is none, or one that is malformed. */
export type ToolParser = (text: string, tools: readonly ToolDefinition[]) => ToolCall[] | undefined;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `{ name, arguments }`; Llama says `parameters`, and some models give arguments as a string of JSON. */
function callOf(value: unknown): ToolCall | undefined {
  if (!isObject(value) || typeof value['name'] !== 'string' || value['name'] === '') return undefined;
  const given = value['arguments'] ?? value['parameters'] ?? {};
  const args = typeof given === 'string' ? parsedJson(given) : given;
  if (!isObject(args)) return undefined;
  const id = value['id'];
  return { name: value['name'], arguments: args, ...(typeof id === 'string' && { id }) };
}

function callsOf(value: unknown): ToolCall[] | undefined {
  const calls = (Array.isArray(value) ? value : [value]).map(callOf);
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined;
}

/** Hermes, Qwen: one object, or a list of them. */
export const parseJson: ToolParser = (text) => callsOf(parsedJson(text.trim()));

/** Llama 3: objects, with semicolons between them. */
export const parseLlama: ToolParser = (text) => {
  const whole = parseJson(text, []);
  if (whole !== undefined) return whole;
  const parts = jsonValues(text, ';');
  return parts === undefined ? undefined : callsOf(parts);
};

/** Mistral: a list of objects, or `name[ARGS]{…}` one after the other. */
export const parseMistral: ToolParser = (text) => {
  const whole = parsedJson(text);
  if (Array.isArray(whole)) return callsOf(whole);
  const header = /\s*(?:\[TOOL_CALLS\])?\s*([\w-]+)\s*(?:\[CALL_ID\]\s*([\w-]+)\s*)?\[ARGS\]\s*/y;
  const calls: ToolCall[] = [];
  const { length } = text.trimEnd();
  for (let at = 0; at < length; ) {
    header.lastIndex = at;
    const [found, name, id] = header.exec(text) ?? [];
    if (found === undefined) return undefined;
    const end = jsonEnd(text, at + found.length);
    const args = end === undefined ? undefined : parsedJson(text.slice(at + found.length, end));
    if (end === undefined || !isObject(args)) return undefined;
    calls.push({ name: name as string, arguments: args, ...(id !== undefined && { id }) });
    at = end;
  }
  return calls.length > 0 ? calls : undefined;
};

/** Where the object or list ends that begins at `start`; undefined where it does not. */
function jsonEnd(text: string, start: number): number | undefined {
  const part = /"(?:[^"\\]|\\.)*"|[{}[\]"]|[^"{}[\]]+/gsy;
  part.lastIndex = start;
  let depth = 0;
  for (let found = part.exec(text); found !== null; found = part.exec(text)) {
    if (found[0] === '{' || found[0] === '[') depth += 1;
    else if (found[0] === '}' || found[0] === ']') depth -= 1;
    else if (depth === 0 || found[0] === '"') return undefined;
    if (depth === 0) return part.lastIndex;
  }
  return undefined;
}

function jsonValues(text: string, separator: string): unknown[] | undefined {
  const values: unknown[] = [];
  const gap = new RegExp(`\\s*${separator}?\\s*`, 'y');
  for (let at = 0; ; ) {
    gap.lastIndex = at;
    gap.test(text);
    at = gap.lastIndex;
    if (at >= text.length) return values;
    const end = jsonEnd(text, at);
    if (end === undefined) return undefined;
    values.push(parsedJson(text.slice(at, end)));
    at = end;
  }
}

function typesOf(name: string, tools: readonly ToolDefinition[]): Fields {
  const own = tools.map((tool) => tool['function'] ?? tool).find((tool) => isObject(tool) && tool['name'] === name);
  const parameters = isObject(own) && own['parameters'];
  const properties = isObject(parameters) && parameters['properties'];
  return isObject(properties) ? properties : {};
}

/** Text as the tool's schema asks for it; undefined where it is not of that type. */
function converted(text: string, schema: unknown): unknown {
  if (text.toLowerCase() === 'null') return null;
  if (!isObject(schema)) return text;
  const type = typeof schema['type'] === 'string' ? schema['type'].trim().toLowerCase() : '';
  if (/^(string|str|text|varchar|char|enum)$/.test(type)) return text;
  if (/^(int|uint|long|short|unsigned|num|float)/.test(type)) {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    const fits = Number.isFinite(number) && (/^(num|float)/.test(type) || Number.isInteger(number));
    return fits ? number : undefined;
  }
  if (/^bool|^binary$/.test(type)) return text.toLowerCase() === 'true';
  const value = parsedJson(text);
  if (type === '') return typeof value === 'object' && value !== null ? value : text;
  return value ?? text;
}

/** Qwen 3 Coder: `<function=name><parameter=key>value</parameter></function>`. */
export const parseQwenCoder: ToolParser = (text, tools) => {
  const from = text.indexOf('<function=');
  const to = text.lastIndexOf('</function>');
  const header = /\s*([^\s<>]+)>?/y;
  header.lastIndex = from + '<function='.length;
  const name = from === -1 || to < from ? undefined : header.exec(text)?.[1];
  if (name === undefined) return undefined;
  const types = typesOf(name, tools);
  const args: [string, unknown][] = [];
  for (const part of text.slice(header.lastIndex, to).split('<parameter=').slice(1)) {
    const end = part.indexOf('</parameter>');
    const [head, key] = /^\s*([^\s<>]+)>?/.exec(part) ?? [];
    if (end === -1 || head === undefined || key === undefined) return undefined;
    const value = part.slice(head.length, end).replace(/^\n/, '').replace(/\n$/, '');
    const argument = converted(value, types[key]);
    if (argument === undefined) return undefined;
    args.push([key, argument]);
  }
  return [{ name, arguments: Object.fromEntries(args) }];
};
