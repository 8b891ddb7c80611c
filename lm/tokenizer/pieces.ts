/** What each token adds to a text, where it does so whatever stands before it. */
export interface Pieces {
  /** The bytes of a token, by its text in the vocabulary. */
  bytes(token: string): Uint8Array;
  /** The text of tokens. */
  join(tokens: readonly string[]): string;
  /** Streaming drops one space at the start of a text, as mlx_lm does. */
  readonly trimsStart: boolean;
  /** A token that is a space stays open until the next one comes. */
  readonly holdsSpaces: boolean;
}

const encoder = new TextEncoder();
/** A U+FEFF that a model writes is part of its text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The pieces of a `decoder` of tokenizer.json, or undefined where a token's text depends on its neighbours. */
export function piecesOf(description: unknown): Pieces | undefined {
  const { type, decoders } = (description ?? {}) as { type?: unknown; decoders?: unknown };
  if (type === 'ByteLevel') return byteLevel;
  if (type !== 'Sequence' || !Array.isArray(decoders)) return undefined;
  const [replace, fallback, fuse, strip] = decoders as Record<string, unknown>[];
  const isSentencePiece =
    replace?.type === 'Replace' &&
    (replace.pattern as { String?: unknown } | undefined)?.String === UNDERSCORE &&
    replace.content === ' ' &&
    fallback?.type === 'ByteFallback' &&
    fuse?.type === 'Fuse';
  if (!isSentencePiece || decoders.length > 4) return undefined;
  if (strip === undefined) return sentencePiece(false);
  const trims = strip.type === 'Strip' && strip.content === ' ' && strip.start === 1 && strip.stop === 0;
  return trims ? sentencePiece(true) : undefined;
}

/** Byte-level BPE: each character of a token stands for a byte, unless one of them stands for none. */
const byteLevel: Pieces = {
  bytes: byteLevelBytes,
  join: (tokens) => decoder.decode(Buffer.concat(tokens.map(byteLevelBytes))),
  trimsStart: true,
  holdsSpaces: true,
};

const BYTES = bytesByCharacter();

/** GPT-2's table: printable characters of Latin-1 stand for themselves, the other bytes for characters from U+0100 up. */
function bytesByCharacter(): ReadonlyMap<string, number> {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const bytes = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) bytes.set(String.fromCharCode(printable(byte) ? byte : next++), byte);
  return bytes;
}

function byteLevelBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTES.get(token[i] as string);
    if (byte === undefined) return encoder.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}

const UNDERSCORE = '\u2581';

function sentencePiece(trimsStart: boolean): Pieces {
  return {
    bytes: (token) => {
      const byte = byteOf(token);
      return byte === undefined ? encoder.encode(token.replaceAll(UNDERSCORE, ' ')) : Uint8Array.of(byte);
    },
    join: (tokens) => {
      const text = joinSentencePiece(tokens);
      return trimsStart && text.startsWith(' ') ? text.slice(1) : text;
    },
    trimsStart,
    holdsSpaces: false,
  };
}

/** The byte of a token such as `<0x0A>`. */
function byteOf(token: string): number | undefined {
  return /^<0x[0-9A-Fa-f]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : undefined;
}

/** As Python's decoder: bytes in a row are either all UTF-8, or each of them becomes U+FFFD. */
function joinSentencePiece(tokens: readonly string[]): string {
  const parts: string[] = [];
  let run: number[] = [];
  const flush = (): void => {
    if (run.length === 0) return;
    try {
      parts.push(strict.decode(Uint8Array.from(run)));
    } catch {
      parts.push('\uFFFD'.repeat(run.length));
    }
    run = [];
  };
  for (const token of tokens) {
    const byte = byteOf(token);
    if (byte === undefined) {
      flush();
      parts.push(token.replaceAll(UNDERSCORE, ' '));
    } else {
      run.push(byte);
    }
  }
  flush();
  return parts.join('');
}

const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
