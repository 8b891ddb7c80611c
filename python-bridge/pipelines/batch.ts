import type { PythonWorker } from '../requests/call.ts';
import type { Span } from './span.ts';

/** `op, out, a, b`, or one of the marks below in the place of `op`; see `docs/protocol.md`. */
const RECORD_WORDS = 4;
/** No tensor in that place. */
export const ABSENT = -(2 ** 31);
/** `FREE, first, count`: the tensors of these numbers. */
const FREE = -1;
/** `TERNARY, out, a`, and the next record goes on with `op, b, c`. */
const TERNARY = -2;
/** `ITEM, out`: the next of the packed calls behind the records. */
const ITEM = -3;

/** Frees alone may make a batch so long. */
const MOST_WORDS = 32 * 1024;

/** Where an operation was called, as V8 keeps it until its text is read. */
export interface Site {
  readonly record: number;
  readonly trace: { readonly stack?: string };
}

/** Operations for one worker that are recorded and not sent yet, in their order, and the frees between them. */
export class Batch {
  readonly worker: PythonWorker;
  /** Operations that it takes before it is to be sent. */
  readonly limit: number;
  operations = 0;
  #words: Int32Array<ArrayBuffer>;
  /** By record, the node of its result in the journal; 0: it gives none. */
  #nodes: Int32Array;
  #length = 0;
  #items = new Uint8Array(0);
  #itemBytes = 0;
  /** Whose operations they are, from which record on. */
  readonly #spans: { readonly from: number; readonly span: Span }[] = [];
  #span: Span | null = null;
  readonly #sites: Site[] = [];
  readonly #send: (batch: Batch) => void;

  constructor(worker: PythonWorker, limit: number, send: (batch: Batch) => void) {
    this.worker = worker;
    this.limit = limit;
    this.#words = new Int32Array((limit + 16) * RECORD_WORDS);
    this.#nodes = new Int32Array(limit + 16);
    this.#send = send;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get itemBytes(): number {
    return this.#itemBytes;
  }

  get spans(): Iterable<Span> {
    return new Set(this.#spans.map(({ span }) => span));
  }

  send(): void {
    this.#send(this);
  }

  /** To be called before each operation. */
  enter(span: Span): void {
    const first = this.#length === 0;
    if (span !== this.#span) {
      this.#span = span;
      this.#spans.push({ from: this.#records, span });
    } else if (!first && span.exactSites === 0) {
      return;
    }
    if (span.exactSites > 0) span.exactSites -= 1;
    this.#sites.push({ record: this.#records, trace: new Error() });
  }

  call(op: number, out: number, a: number, b: number, node: number): void {
    this.operations += 1;
    this.#record(op, out, a, b, node);
  }

  callTernary(op: number, out: number, a: number, b: number, c: number, node: number): void {
    this.operations += 1;
    this.#record(TERNARY, out, a, ABSENT, node);
    this.#record(op, b, c, ABSENT);
  }

  /** A call in any other form, packed. */
  item(out: number, packed: Uint8Array, node: number): void {
    this.operations += 1;
    this.#record(ITEM, out, 0, ABSENT, node);
    const end = this.#itemBytes + packed.length;
    if (end > this.#items.length) {
      const grown = new Uint8Array(Math.max(4096, 2 * end));
      grown.set(this.#items.subarray(0, this.#itemBytes));
      this.#items = grown;
    }
    this.#items.set(packed, this.#itemBytes);
    this.#itemBytes = end;
  }

  free(first: number, count = 1): void {
    this.#record(FREE, first, count, ABSENT);
    if (this.#length >= MOST_WORDS) this.send();
  }

  /** By record, the node of its result in the journal; 0: it gives none. The same array until it is full. */
  get nodes(): Int32Array {
    return this.#nodes;
  }

  /** The records, with the packed calls behind them. The batch is of no use afterwards. */
  payload(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly records: number } {
    const records = this.#records;
    const all = new Uint8Array(this.#words.buffer, 0, 4 * this.#length);
    if (this.#itemBytes === 0) return { bytes: 2 * all.length > all.buffer.byteLength ? all : all.slice(), records };
    const bytes = new Uint8Array(all.length + this.#itemBytes);
    bytes.set(all);
    bytes.set(this.#items.subarray(0, this.#itemBytes), all.length);
    return { bytes, records };
  }

  /** The last call site that was kept up to that record. */
  siteOf(record: number): Site | undefined {
    let last: Site | undefined;
    for (const site of this.#sites) if (site.record <= record) last = site;
    return last;
  }

  /** Whose operation that record is. */
  spanOf(record: number): Span | undefined {
    let span: Span | undefined;
    for (const entered of this.#spans) if (entered.from <= record) span = entered.span;
    return span;
  }

  get #records(): number {
    return this.#length / RECORD_WORDS;
  }

  #record(first: number, second: number, third: number, fourth: number, node = 0): void {
    const at = this.#length;
    if (at + RECORD_WORDS > this.#words.length) {
      const grown = new Int32Array(2 * this.#words.length);
      grown.set(this.#words);
      this.#words = grown;
      const nodes = new Int32Array(2 * this.#nodes.length);
      nodes.set(this.#nodes);
      this.#nodes = nodes;
    }
    const words = this.#words;
    words[at] = first;
    words[at + 1] = second;
    words[at + 2] = third;
    words[at + 3] = fourth;
    this.#nodes[at / RECORD_WORDS] = node;
    this.#length = at + RECORD_WORDS;
  }
}
