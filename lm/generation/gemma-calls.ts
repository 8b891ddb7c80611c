import { parsedJson, type ToolCall, type ToolParser } from './tool-parsers.ts';

/** Calls nested deeper are no calls of a model's. */
const MOST_NESTED = 64;

class Malformed extends Error {}

/** Reads Gemma's notation of values: bare keys, and a token of its own around strings. */
class GemmaReader {
  readonly #text: string;
  readonly #quote: string;
  at = 0;

  constructor(text: string, quote: string) {
    this.#text = text;
    this.#quote = quote;
  }

  /** Reads a regular expression that is sticky. */
  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  #expect(pattern: RegExp): RegExpExecArray {
    const found = this.#take(pattern);
    if (found === null) throw new Malformed();
    return found;
  }

  /** The next `call:name{…}`. */
  call(): ToolCall | undefined {
    const found = this.#take(/[\s\S]*?call:([\w-]+)(?=\{)/y);
    if (found === null) return undefined;
    return { name: found[1] as string, arguments: this.#object(0) };
  }

  #object(depth: number): Record<string, unknown> {
    this.#expect(/\{\s*/y);
    const entries: [string, unknown][] = [];
    while (this.#take(/\}/y) === null) {
      const key = this.#quoted() ?? (this.#expect(/[^\s:{},<"]+/y)[0] as string);
      this.#expect(/\s*:\s*/y);
      entries.push([key, this.#value(depth)]);
      this.#expect(/\s*(?:,\s*|(?=\}))/y);
    }
    return Object.fromEntries(entries);
  }

  #list(depth: number): unknown[] {
    this.#expect(/\[\s*/y);
    const items: unknown[] = [];
    while (this.#take(/\]/y) === null) {
      items.push(this.#value(depth));
      this.#expect(/\s*(?:,\s*|(?=\]))/y);
    }
    return items;
  }

  #value(depth: number): unknown {
    if (depth > MOST_NESTED) throw new Malformed();
    const quoted = this.#quoted();
    if (quoted !== undefined) return quoted;
    if (this.#text[this.at] === '{') return this.#object(depth + 1);
    if (this.#text[this.at] === '[') return this.#list(depth + 1);
    const bare = this.#expect(/"(?:[^"\\]|\\[\s\S])*"|[^,{}[\]]+/y)[0].trim();
    const value = parsedJson(bare);
    return value === undefined ? bare : value;
  }

  #quoted(): string | undefined {
    if (!this.#text.startsWith(this.#quote, this.at)) return undefined;
    const start = this.at + this.#quote.length;
    const end = this.#text.indexOf(this.#quote, start);
    if (end === -1) throw new Malformed();
    this.at = end + this.#quote.length;
    return this.#text.slice(start, end);
  }
}

/** @param quote what stands around strings */
export const parseGemma =
  (quote: string): ToolParser =>
  (text) => {
    const reader = new GemmaReader(text, quote);
    const calls: ToolCall[] = [];
    try {
      for (let call = reader.call(); call !== undefined; call = reader.call()) calls.push(call);
    } catch (error) {
      if (error instanceof Malformed) return undefined;
      throw error;
    }
    return calls.length > 0 ? calls : undefined;
  };
