import { isAscii } from 'node:buffer';
import { malformed } from './reading.ts';
import { refuseMany } from './stored.ts';

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
/** A header of safetensors nests three levels. */
const MOST_LEVELS = 8;
/** Of the outermost levels, whose names are looked at. */
const NAMED_LEVELS = 2;

/** Longer headers are looked through before anything is made of them: they may name more than fits into memory. */
const MOST_BYTES_UNSEEN = 2 ** 20;

/**
 * What the header of a file holds.
 * @throws Malformed for what is no JSON, or what `checkJsonKeys` refuses
 */
export function parseHeader(bytes: Buffer): unknown {
  const isShort = bytes.length <= MOST_BYTES_UNSEEN;
  if (!isShort) checkJsonKeys(bytes);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    // What the keys say goes first.
    if (isShort) checkJsonKeys(bytes);
    return malformed('its header is no JSON', error);
  }
  if (isShort && !isAsWritten(header, text)) checkJsonKeys(bytes);
  return header;
}

/**
 * Whether the text says no more than was made of it, in the way JSON.stringify says it, and nests as a header does. Most
 * programs write so, and two functions of V8 are sooner done than a walk through all characters.
 */
function isAsWritten(header: unknown, text: string): boolean {
  if (typeof header !== 'object' || header === null) return false;
  for (const entry of Object.values(header)) {
    if (typeof entry !== 'object' || entry === null) continue;
    for (const field of Object.values(entry)) {
      if (typeof field === 'object' && field !== null && !(Array.isArray(field) && field.every(isNumber))) return false;
    }
  }
  return JSON.stringify(header) === text.trimEnd();
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

/**
 * Refuses JSON that JSON.parse would take but a header never is: nested deeply, or with a name twice at one of the
 * first two levels, of which JSON.parse silently keeps the last.
 */
function checkJsonKeys(bytes: Buffer): void {
  // A character for each byte: V8 searches a string faster than a buffer.
  const text = bytes.toString('latin1');
  const isPlain = isAscii(bytes);
  const levels: (Set<string> | undefined)[] = [];
  let start = -1;
  let end = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      start = i;
      end = endOfString(text, i);
      i = end;
    } else if (code === COLON) {
      const names = start === -1 ? undefined : levels.at(-1);
      if (names !== undefined) {
        const written = isPlain ? text.slice(start + 1, end) : bytes.toString('utf8', start + 1, end);
        const name = unescaped(written);
        if (names.has(name)) malformed(`its header names "${written.slice(0, 58)}" twice`);
        names.add(name);
        if (levels.length === 1) refuseMany(names.size);
      }
      start = -1;
    } else if (code === COMMA) {
      start = -1;
    } else if (OPENING.has(code)) {
      levels.push(levels.length < NAMED_LEVELS ? new Set() : undefined);
      if (levels.length > MOST_LEVELS) malformed('its header is nested too deeply');
    } else if (CLOSING.has(code)) {
      levels.pop();
    }
  }
}

/** Where the string ends that begins there: at its closing quote, or with the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((end - first) % 2 === 0) return end;
  }
  return text.length;
}

/** The name without escapes, so that "a" and "\u0061" are one. */
function unescaped(written: string): string {
  if (!written.includes('\\')) return written;
  try {
    return JSON.parse(`"${written}"`);
  } catch {
    return written;
  }
}
