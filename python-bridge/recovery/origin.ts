import type { Dtype } from '../../foundation/values/dtypes.ts';
import { type Argument, Handle, type StreamRef } from '../../foundation/values/values.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Failure } from '../pipelines/span.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import { isTree } from '../wire/values.ts';
import type { Journal } from './journal.ts';

export type How = Leaf | Step | Noted | Lost;

const NO_OWNER = Object.freeze({});

/**
 * How a tensor was made, for as long as the tensor or anything made from it exists: a tensor that was freed can still be
 * made again. It stands among the arguments of a `Step` in the place of the handle, hence its class.
 */
export class Origin extends Handle {
  how: How;
  /** Which of the tensors that the step gave. */
  readonly output: number;
  /** null once it is freed. */
  tensor: RemoteTensor | null;
  /** The tensor, and the steps that have it among their arguments. */
  holders = 1;

  constructor(how: How, output: number, tensor: RemoteTensor | null) {
    super(-1, NO_OWNER);
    this.how = how;
    this.output = output;
    this.tensor = tensor;
  }
}

/** Row-major bytes that are kept here. */
export class Leaf {
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
  readonly dtype: Dtype;

  constructor(bytes: Uint8Array, shape: readonly number[], dtype: Dtype) {
    this.bytes = bytes;
    this.shape = shape;
    this.dtype = dtype;
  }
}

/** A call that may be made again. */
export class Step {
  readonly operation: Operation;
  /** With origins where the caller gave handles. */
  readonly args: readonly Argument[];
  readonly stream: StreamRef | undefined;
  /** Bytes that the arguments count for, where they are long. */
  readonly weight: number;
  /** Its results' origins, and the call while it is under way. */
  holders = 1;
  /** How many tensors its result has; -1: it is one tensor. */
  outputs = -1;
  /** Workers that exited while they repeated it. */
  exits = 0;
  /** Why it cannot be repeated after all. */
  failure: Lost | null = null;
  /** It was not waited for: its failure is the error that its result holds. */
  deferred = false;

  constructor(operation: Operation, args: readonly Argument[], stream: StreamRef | undefined, weight: number) {
    this.operation = operation;
    this.args = args;
    this.stream = stream;
    this.weight = weight;
  }
}

/** A step of a pipeline that was not needed as one so far. */
export class Noted {
  readonly journal: Journal;
  epoch: number;
  readonly op: number;
  /** Nodes of the journal; 0: no argument. */
  nodes: readonly number[];

  constructor(journal: Journal, epoch: number, op: number, nodes: readonly number[]) {
    this.journal = journal;
    this.epoch = epoch;
    this.op = op;
    this.nodes = nodes;
  }

  move(epoch: number, moved: Int32Array): void {
    this.epoch = epoch;
    this.nodes = this.nodes.map((node) => moved[node] as number);
  }
}

/** It cannot be made again. */
export class Lost {
  readonly reason: string;
  /** The operation of a pipeline that failed, which is why. */
  readonly failure: Failure | null;

  constructor(reason: string, failure: Failure | null = null) {
    this.reason = reason;
    this.failure = failure;
  }
}

/** How it was made, as a step if it was only noted. */
export function howOf(origin: Origin): Leaf | Step | Lost {
  if (origin.how instanceof Noted) origin.how = origin.how.journal.expand(origin.how);
  return origin.how;
}

/** Calls `visit` for every origin among the arguments, as often as it is there. */
export function forEachOrigin(args: readonly Argument[], visit: (origin: Origin) => void): void {
  for (const argument of args) visitOrigins(argument, visit);
}

function visitOrigins(argument: Argument, visit: (origin: Origin) => void): void {
  if (argument instanceof Origin) visit(argument);
  else if (Array.isArray(argument)) for (const item of argument) visitOrigins(item, visit);
  else if (isTree(argument)) for (const item of Object.values(argument)) visitOrigins(item, visit);
}

/** About the bytes that lists, trees and texts among the arguments take here. */
export function weightOf(argument: Argument): number {
  if (typeof argument === 'string') return 2 * argument.length;
  if (Array.isArray(argument)) return argument.reduce<number>((sum, item) => sum + 8 + weightOf(item as Argument), 0);
  if (!isTree(argument)) return 0;
  return Object.values(argument).reduce<number>((sum, item) => sum + 64 + weightOf(item), 0);
}
