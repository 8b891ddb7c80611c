import { readFileSync } from 'node:fs';

/** The file that golden.py writes. */
export const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8'));

/** Python's names of options as they are here. */
export function optionsHere(options: Record<string, unknown>): Record<string, unknown> {
  const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name === 'temp' ? 'temperature' : camel(name), value]),
  );
}

export const prompt = [3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46];
export const prompts = [prompt, [27, 18], [28], [31, 41, 59, 26, 53], [58, 97, 93]];
