import type { Pieces } from './pieces.ts';
import type { StreamingDetokenizer } from './tokenizer.ts';

/** Where each token has its own bytes: they go through one decoder, which keeps what is not a whole character yet. */
export class PieceDetokenizer implements StreamingDetokenizer {
  readonly #pieces: Pieces;
  /** The text of a token in the vocabulary, or undefined where it has none. */
  readonly #tokenOf: (token: number) => string | undefined;
  #decoder = newDecoder();
  #held = '';
  #started = false;

  constructor(pieces: Pieces, tokenOf: (token: number) => string | undefined) {
    this.#pieces = pieces;
    this.#tokenOf = tokenOf;
  }

  add(token: number): string {
    const piece = this.#tokenOf(token);
    if (piece === undefined) return '';
    const bytes = this.#pieces.bytes(piece);
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    if (this.#pieces.holdsSpaces && bytes.length === 1 && bytes[0] === 0x20) {
      this.#held = text;
      return '';
    }
    this.#held = '';
    return this.#trimmed(text);
  }

  finish(): string {
    const rest = this.#trimmed(this.#held + this.#decoder.decode());
    this.#held = '';
    this.#started = false;
    this.#decoder = newDecoder();
    return rest;
  }

  #trimmed(text: string): string {
    if (this.#started || text === '') return text;
    const trims = this.#pieces.trimsStart && text.startsWith(' ');
    // As in mlx_lm, a text that a single space made up has not started yet.
    this.#started = !trims || text.length > 1;
    return trims ? text.slice(1) : text;
  }
}

function newDecoder() {
  return new TextDecoder('utf-8', { ignoreBOM: true });
}

/** So many tokens at most are decoded again for a new one: as many as the longest character has bytes, twice. */
const MOST_OPEN = 8;

/**
 * For every other decoder: the newest tokens are decoded with a few before them, whose own text is then left out, so
 * that what a token looks like after its neighbours is seen.
 */
export class WindowDetokenizer implements StreamingDetokenizer {
  readonly #decode: (tokens: readonly number[]) => string;
  #before: number[] = [];
  #open: number[] = [];

  constructor(decode: (tokens: readonly number[]) => string) {
    this.#decode = decode;
  }

  add(token: number): string {
    this.#open.push(token);
    const text = this.#newText();
    if ((text.endsWith('\uFFFD') && this.#open.length < MOST_OPEN) || text === '') return this.#bounded();
    this.#before = this.#open;
    this.#open = [];
    return text;
  }

  finish(): string {
    const text = this.#open.length === 0 ? '' : this.#newText();
    this.#before = [];
    this.#open = [];
    return text;
  }

  #newText(): string {
    const known = this.#before.length === 0 ? '' : this.#decode(this.#before);
    return this.#decode([...this.#before, ...this.#open]).slice(known.length);
  }

  /** Tokens without a text, such as special ones that are skipped, do not pile up. */
  #bounded(): string {
    if (this.#open.length >= MOST_OPEN) this.#open = this.#open.slice(-MOST_OPEN / 2);
    return '';
  }
}
