import { malformed } from './reading.ts';
import { refuseMany } from './stored.ts';

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
/** A header of safetensors nests three levels. */
const MOST_LEVELS = 8;

/**
 * Refuses JSON that JSON.parse would take but a header never is: nested deeply, or with a name twice at one of the
 * first two levels, of which JSON.parse silently keeps the last.
 */
export function checkJsonKeys(text: Buffer): void {
  const seen: Set<string>[] = [];
  let key: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    if (byte === QUOTE) {
      const start = i;
      for (i++; i < text.length && text[i] !== QUOTE; i++) if (text[i] === BACKSLASH) i++;
      if (seen.length <= 2) key = text.toString('utf8', start, i + 1);
    } else if (byte === COLON && key !== undefined) {
      const name = unescaped(key);
      const names = seen.at(-1);
      if (names?.has(name)) malformed(`its header names ${key.slice(0, 60)} twice`);
      names?.add(name);
      if (names !== undefined && seen.length === 1) refuseMany(names.size);
      key = undefined;
    } else if (byte === COMMA) {
      key = undefined;
    } else if (OPENING.has(byte)) {
      seen.push(new Set());
      if (seen.length > MOST_LEVELS) malformed('its header is nested too deeply');
    } else if (CLOSING.has(byte)) {
      seen.pop();
    }
  }
}

/** The name without escapes, so that "a" and "\u0061" are one. */
function unescaped(key: string): string {
  if (!key.includes('\\')) return key.slice(1, -1);
  try {
    return JSON.parse(key);
  } catch {
    return key;
  }
}
