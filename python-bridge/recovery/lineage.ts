import { type Argument, Handle, Scalar, type StreamRef } from '../../foundation/values/values.ts';
import type { Operation } from '../../registry/operation.ts';
import { publicName } from '../../registry/registry.ts';
import type { Settings } from '../options.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import { mapHandles } from '../wire/values.ts';
import { Journal } from './journal.ts';
import { forEachOrigin, type How, Leaf, Lost, Origin, Step, weightOf } from './origin.ts';

/** What is remembered at most; about 300 bytes each. */
export const MOST_ORIGINS = 2 ** 17;
/** One tensor may take that share of the bytes that are kept. */
const SHARE_OF_ONE = 1 / 16;
/** What is read is not copied if it is larger. */
const SEEN_BYTES = 2 ** 20;
/** Shorter arguments are not counted. */
const LIGHT = 512;

/** What can be known of a call's results before they are there: null if nothing is recorded. */
export type Making = Step | Lost | null;

/** How every tensor was made that a worker holds, and how the freed ones were that these were made from. */
export class Lineage {
  readonly #settings: Settings;
  /** From so many origins on, each call begins with `#cut`, which moves that limit. */
  #cutAt = Number.POSITIVE_INFINITY;
  #cut: () => void = () => undefined;
  /** The results of pipelines. */
  readonly journal: Journal;
  /** What is needed though no tensor may have been made from it: calls under way. */
  readonly roots = new Set<Origin | Step>();
  #origins = 0;
  #bytes = 0;

  constructor(settings: Settings, operationOf: (code: number) => Operation | undefined) {
    this.#settings = settings;
    const origins = {
      begin: (how: How) => this.#new(how, null),
      release: (origin: Origin) => this.release(origin),
      lose: (origin: Origin, lost: Lost) => this.lose(origin, lost),
      of: (tensor: RemoteTensor) => this.originOf(tensor),
    };
    this.journal = new Journal(origins, operationOf, MOST_ORIGINS);
  }

  get enabled(): boolean {
    return this.#settings.limits.recovery;
  }

  get origins(): number {
    return this.#origins;
  }

  /** Bytes of tensors and long arguments that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Calls `cut` before a call once there are so many origins. */
  cutFrom(origins: number, cut: () => void): void {
    this.#cutAt = origins;
    this.#cut = cut;
  }

  /** The tensor came from these bytes, which are copied. */
  brought(tensor: RemoteTensor, bytes: Uint8Array): void {
    if (!this.enabled) return;
    this.#begin(
      tensor,
      this.hasRoom(bytes.length) ? this.#leaf(tensor, bytes) : new Lost(this.#tooLarge(bytes.length)),
    );
  }

  /** A call that is about to be sent, with tensors in the places of their handles; `made` is to follow. `whyNot`: it must not be repeated. */
  calling(
    operation: Operation,
    args: readonly Argument[],
    stream: StreamRef | undefined,
    whyNot: string | null = null,
  ): Making {
    if (!this.#settings.limits.recovery) return null;
    if (this.#origins >= this.#cutAt) this.#cut();
    if (whyNot !== null) return new Lost(whyNot);
    let weight = 0;
    for (const argument of args) if (!(argument instanceof Handle || isLight(argument))) weight += weightOf(argument);
    const heavy = weight > LIGHT ? weight : 0;
    if (heavy > 0 && !this.hasRoom(heavy))
      return new Lost(`the arguments of ${publicName(operation)} are too long to keep`);
    if (this.#origins >= MOST_ORIGINS) return new Lost(`${MOST_ORIGINS} operations are remembered already`);
    const kept: Argument[] = [];
    for (const argument of args) {
      if (argument instanceof Handle) kept.push(this.#hold(argument));
      else kept.push(isLight(argument) ? argument : mapHandles(argument, this.#hold));
    }
    this.#bytes += heavy;
    const step = new Step(operation, kept, stream, heavy);
    this.roots.add(step);
    return step;
  }

  readonly #hold = (handle: Handle): Origin => {
    const tensor = handle as RemoteTensor;
    const origin = tensor.origin ?? this.originOf(tensor);
    origin.holders += 1;
    return origin;
  };

  /** The call gave one tensor. */
  madeOne(making: Making, tensor: RemoteTensor): void {
    if (making === null) return;
    this.#origins += 1;
    tensor.origin = new Origin(making, 0, tensor);
    if (!(making instanceof Step)) return;
    // In the place of the call, which is not under way any more.
    making.outputs = -1;
    this.roots.delete(making);
  }

  /** The call gave these tensors, in this order, or none at all. */
  made(making: Making, tensors: readonly RemoteTensor[]): void {
    if (making === null) return;
    if (making instanceof Step) {
      making.outputs = tensors.length;
      making.holders += tensors.length;
    }
    for (const [output, tensor] of tensors.entries()) this.#begin(tensor, making, output);
    if (!(making instanceof Step)) return;
    this.roots.delete(making);
    this.#drop(making);
  }

  /** Instead of a call whose result has keys that JavaScript puts into another order. */
  unordered(making: Making): Making {
    if (!(making instanceof Step)) return making;
    this.roots.delete(making);
    this.#drop(making);
    return new Lost(`${publicName(making.operation)} gave an object whose keys are numbers`);
  }

  /** The tensor has no reference any more, or is not to be restored. */
  forget(tensor: RemoteTensor): void {
    const { origin } = tensor;
    tensor.node = 0;
    if (origin === null) return;
    tensor.origin = null;
    origin.tensor = null;
    this.release(origin);
  }

  /** One holder less. */
  release(origin: Origin): void {
    origin.holders -= 1;
    if (origin.holders > 0) return;
    this.#origins -= 1;
    this.#drop(origin.how);
  }

  /** Whether it can be tried to make the tensor again. */
  isRepeatable(tensor: RemoteTensor): boolean {
    if (!this.enabled || (tensor.origin === null && tensor.node === 0)) return false;
    return !(this.originOf(tensor).how instanceof Lost);
  }

  /** Whether so many bytes of one tensor can be kept, beside those that are `promised`. */
  hasRoom(bytes: number, promised = 0): boolean {
    const { recoveryBytes } = this.#settings.limits;
    return bytes <= recoveryBytes * SHARE_OF_ONE && this.#bytes + promised + bytes <= recoveryBytes;
  }

  /** The tensor's bytes are known: what came before it need not be. Copies them if there is room. */
  keep(origin: Origin, tensor: RemoteTensor, bytes: Uint8Array): void {
    const { how, holders } = origin;
    if (holders === 0 || how instanceof Leaf || bytes.length !== tensor.bytes || !this.hasRoom(bytes.length)) return;
    origin.how = this.#leaf(tensor, bytes);
    this.#drop(how);
  }

  /** The tensor's bytes have been read: if nothing else is known of it, small ones are kept. */
  seen(tensor: RemoteTensor, bytes: Uint8Array): void {
    if (!this.enabled || bytes.length > SEEN_BYTES || tensor.freed) return;
    // What a pipeline made can be made again.
    if (tensor.origin === null && tensor.node !== 0) return;
    const origin = this.originOf(tensor);
    if (origin.how instanceof Lost) this.keep(origin, tensor, bytes);
  }

  /** It cannot be made again. */
  lose(origin: Origin, lost: Lost): void {
    const { how } = origin;
    origin.how = lost;
    this.#drop(how);
  }

  #begin(tensor: RemoteTensor, how: Leaf | Step | Lost, output = 0): Origin {
    const origin = this.#new(how, tensor, output);
    tensor.origin = origin;
    return origin;
  }

  #new(how: How, tensor: RemoteTensor | null, output = 0): Origin {
    this.#origins += 1;
    return new Origin(how, output, tensor);
  }

  #leaf({ shape, dtype }: RemoteTensor, bytes: Uint8Array): Leaf {
    this.#bytes += bytes.length;
    return new Leaf(new Uint8Array(bytes), shape, dtype);
  }

  /** How the tensor was made; of a pipeline's result this is worth an origin only where something needs it. */
  originOf(tensor: RemoteTensor): Origin {
    if (tensor.origin !== null) return tensor.origin;
    if (tensor.node === 0) return this.#begin(tensor, new Lost('it is not known how it was made'));
    const origin = this.journal.originAt(tensor.node);
    if (this.journal.isBeyond(tensor.node)) {
      // Many tensors share that node.
      tensor.node = 0;
      return this.#begin(tensor, origin.how as Lost);
    }
    origin.holders += 1;
    origin.tensor = tensor;
    tensor.origin = origin;
    return origin;
  }

  /** In a loop: a lineage may be longer than the stack is deep. */
  #drop(first: How): void {
    const dropped = [first];
    for (let how = dropped.pop(); how !== undefined; how = dropped.pop()) {
      if (how instanceof Leaf) this.#bytes -= how.bytes.length;
      if (!(how instanceof Step)) continue;
      how.holders -= 1;
      if (how.holders > 0) continue;
      this.#bytes -= how.weight;
      forEachOrigin(how.args, (parent) => {
        parent.holders -= 1;
        if (parent.holders > 0) return;
        this.#origins -= 1;
        dropped.push(parent.how);
      });
    }
  }

  #tooLarge(bytes: number): string {
    const { recoveryBytes } = this.#settings.limits;
    return `its ${bytes} bytes were not kept here; "recoveryBytes" allows ${recoveryBytes} in all, and a sixteenth for one array`;
  }
}

/** Whether an argument counts for nothing, and cannot be changed by the caller. */
function isLight(argument: Argument): boolean {
  return (
    argument instanceof Scalar || argument === null || (typeof argument !== 'object' && typeof argument !== 'string')
  );
}
