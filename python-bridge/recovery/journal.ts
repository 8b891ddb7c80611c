import type { Operation } from '../../registry/operation.ts';
import type { Failure } from '../pipelines/span.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import { forEachOrigin, Lost, Noted, type Origin, Step } from './origin.ts';

/** `op, a, b, c`: an operation's code, and the nodes of its arguments. */
const WORDS = 4;
/** No argument there. */
const NOTHING = 0;
/** `OUTER, place`: not an operation of the journal, but what an origin holds. */
const OUTER = -1;
/** The node of all that is made while the journal is full. */
const BEYOND = 1;
/** More are not looked through for what is needed no longer before there are so many. */
const LEAST = 2 ** 14;

/** What the journal needs of the lineage. */
export interface Origins {
  /** An origin that the journal holds. */
  begin(how: Noted | Lost): Origin;
  release(origin: Origin): void;
  lose(origin: Origin, lost: Lost): void;
  of(tensor: RemoteTensor): Origin;
}

/**
 * How the results of pipelines were made, at a few nanoseconds each: a node is four integers, and a tensor has its number.
 * References to a node are not counted; when there are many, those are dropped that no existing tensor was made from, and the others
 * move up. Origins are made of nodes only where something else needs one, as after an exit.
 */
export class Journal {
  readonly #origins: Origins;
  readonly #operationOf: (code: number) => Operation | undefined;
  readonly #most: number;
  #words = new Int32Array(WORDS * 1024);
  #size = BEYOND;
  readonly #outer: (Origin | undefined)[] = [];
  readonly #freePlaces: number[] = [];
  #next = LEAST;
  /** Numbers of nodes hold until this changes. */
  #epoch = 0;
  #full = false;
  /** The nodes of existing tensors. */
  #alive = new Uint8Array(0);

  constructor(origins: Origins, operationOf: (code: number) => Operation | undefined, most: number) {
    this.#origins = origins;
    this.#operationOf = operationOf;
    this.#most = most;
  }

  /** Nodes, without those that stand for nothing. */
  get size(): number {
    return Math.max(0, this.#size - BEYOND - 1);
  }

  /** Whether it is time to drop what is needed no longer. */
  get isDue(): boolean {
    return this.#size >= this.#next;
  }

  /** An operation of one to three tensors; the others' nodes are 0. */
  note(op: number, a: number, b: number, c: number): number {
    if (this.#size === BEYOND) this.#begin();
    if (this.#full) {
      // So that it is looked through again some time.
      this.#next -= 1;
      return BEYOND;
    }
    return this.#push(op, a, b, c);
  }

  /** The tensor's node. */
  nodeOf(tensor: RemoteTensor): number {
    if (tensor.node !== NOTHING) return tensor.node;
    if (this.#size === BEYOND) this.#begin();
    const origin = this.#origins.of(tensor);
    origin.holders += 1;
    tensor.node = this.#push(OUTER, this.#place(origin), NOTHING, NOTHING);
    return tensor.node;
  }

  /** Whether it is not remembered how it was made, for there was too much already. */
  isBeyond(node: number): boolean {
    return node === BEYOND;
  }

  /** The origin that stands for a node. */
  originAt(node: number): Origin {
    const at = WORDS * node;
    const [op = 0, a = 0, b = 0, c = 0] = this.#words.subarray(at, at + WORDS);
    if (op === OUTER) return this.#outer[a] as Origin;
    const origin = this.#origins.begin(new Noted(this, this.#epoch, op, [a, b, c]));
    this.#words[at] = OUTER;
    this.#words[at + 1] = this.#place(origin);
    return origin;
  }

  /** The operation failed, and would again. */
  failed(node: number, failure: Failure): void {
    if (node > BEYOND) this.#origins.lose(this.originAt(node), new Lost(failure.error.message, failure));
  }

  /** The step that was noted. */
  expand({ epoch, op, nodes }: Noted): Step | Lost {
    const operation = this.#operationOf(op);
    if (epoch !== this.#epoch || operation === undefined) return new Lost('it was forgotten how it was made');
    const args = nodes.filter((node) => node !== NOTHING).map((node) => this.originAt(node));
    for (const parent of args) parent.holders += 1;
    const step = new Step(operation, args, undefined, 0);
    step.deferred = true;
    return step;
  }

  /** Whether an argument of the tensor's operation was freed. Asked at once after `compact` only. */
  isAtTheEdge({ node, origin }: RemoteTensor): boolean {
    const at = WORDS * node;
    if (node <= BEYOND || (origin !== null && !(origin.how instanceof Noted))) return false;
    const args = origin?.how instanceof Noted ? origin.how.nodes : this.#words.subarray(at + 1, at + WORDS);
    return args.some((parent) => parent !== NOTHING && this.#alive[parent] !== 1);
  }

  /** Drops what nothing was made from that exists, or is held by `roots`, or is among the nodes of `pinned`. */
  compact(living: Iterable<RemoteTensor>, roots: Iterable<Origin | Step>, pinned: readonly Int32Array[]): void {
    const size = this.#size;
    if (size === BEYOND) return;
    const words = this.#words;
    const tensors: RemoteTensor[] = [];
    const marks = new Uint8Array(size);
    marks[NOTHING] = 1;
    marks[BEYOND] = 1;
    const notes = new Set<Noted>();
    const seen = new Set<Origin | Step>();
    const todo: (Origin | Step)[] = [];
    let current = size;
    let again = false;
    const mark = (node: number): void => {
      if (marks[node] === 1) return;
      marks[node] = 1;
      again ||= node >= current;
    };
    const visit = (first: Origin | Step): void => {
      todo.push(first);
      for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        if (next instanceof Step) {
          forEachOrigin(next.args, (parent) => todo.push(parent));
        } else if (next.how instanceof Step) {
          todo.push(next.how);
        } else if (next.how instanceof Noted) {
          notes.add(next.how);
          for (const node of next.how.nodes) mark(node);
        }
      }
    };
    for (const tensor of living) {
      if (tensor.node !== NOTHING) {
        marks[tensor.node] = 1;
        tensors.push(tensor);
      }
      if (tensor.origin !== null) visit(tensor.origin);
    }
    for (const root of roots) visit(root);
    for (const nodes of pinned) for (const node of nodes) marks[node] = 1;
    do {
      again = false;
      for (current = size - 1; current > NOTHING; current--) {
        if (marks[current] === 0) continue;
        const at = WORDS * current;
        if (words[at] === OUTER) {
          visit(this.#outer[words[at + 1] as number] as Origin);
          continue;
        }
        marks[words[at + 1] as number] = 1;
        marks[words[at + 2] as number] = 1;
        marks[words[at + 3] as number] = 1;
      }
    } while (again);
    const dropped = this.#move(marks, tensors, notes, pinned);
    this.#full = this.size >= this.#most;
    this.#next = this.#full ? this.#size + LEAST : Math.max(LEAST, 2 * this.#size, this.#size + tensors.length);
    for (const origin of dropped) this.#origins.release(origin);
  }

  /** Gives the marked nodes new numbers, in their order; the origins that no node stands for any more. */
  #move(
    marks: Uint8Array,
    tensors: readonly RemoteTensor[],
    notes: Iterable<Noted>,
    pinned: readonly Int32Array[],
  ): Origin[] {
    const words = this.#words;
    const moved = new Int32Array(marks.length);
    const dropped: Origin[] = [];
    let size = 1;
    for (let node = 1; node < marks.length; node++) {
      const from = WORDS * node;
      const op = words[from] as number;
      if (marks[node] === 0) {
        if (op !== OUTER) continue;
        const place = words[from + 1] as number;
        dropped.push(this.#outer[place] as Origin);
        this.#outer[place] = undefined;
        this.#freePlaces.push(place);
        continue;
      }
      const to = WORDS * size;
      moved[node] = size;
      size += 1;
      words[to] = op;
      if (op === OUTER) {
        words[to + 1] = words[from + 1] as number;
        continue;
      }
      for (let i = 1; i < WORDS; i++) words[to + i] = moved[words[from + i] as number] as number;
    }
    this.#size = size;
    this.#epoch += 1;
    this.#alive = new Uint8Array(size);
    for (const tensor of tensors) {
      tensor.node = moved[tensor.node] as number;
      this.#alive[tensor.node] = 1;
    }
    for (const note of notes) note.move(this.#epoch, moved);
    for (const nodes of pinned) for (let i = 0; i < nodes.length; i++) nodes[i] = moved[nodes[i] as number] as number;
    return dropped;
  }

  /** The first node. */
  #begin(): void {
    this.#push(
      OUTER,
      this.#place(this.#origins.begin(new Lost(`${this.#most} operations are remembered already`))),
      NOTHING,
      NOTHING,
    );
  }

  #push(op: number, a: number, b: number, c: number): number {
    const node = this.#size;
    const at = WORDS * node;
    if (at === this.#words.length) {
      const grown = new Int32Array(2 * at);
      grown.set(this.#words);
      this.#words = grown;
    }
    const words = this.#words;
    words[at] = op;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = c;
    this.#size = node + 1;
    return node;
  }

  #place(origin: Origin): number {
    const place = this.#freePlaces.pop() ?? this.#outer.length;
    this.#outer[place] = origin;
    return place;
  }
}
